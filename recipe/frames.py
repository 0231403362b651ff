"""Sentences of the world, as data: topic frames, tone sentences, openings, remarks.

``[a|b]`` draws one alternative; ``{p}`` is a product, ``{a}`` an amount,
``{d}`` a day, ``{n}`` a small number, ``{o}`` an order number, ``{c}`` the
customer's name. Each pool is split by ``world.py``: the last lines of every
pool are kept for the test suites and the ones before them for development,
so neither the base model nor an adapter ever sees them.
"""

TOPICS = {
    "billing": """
I was charged [twice|two times] for [the|my|one] {p}.
You [took|have taken] {a} from my card [two times|twice|more than once].
The invoice for the {p} shows [the wrong amount|a wrong price|{a} too much].
My [bank|card] statement shows a payment of {a} that I [do not know|did not make|cannot explain].
The discount code [did not work|was not applied] and I paid the full price for the {p}.
Please send me [an invoice|a receipt] for the {p}.
I [still have no|never got an|have not received an] invoice for the {p}.
Why is there a fee of {a} on my [bill|invoice]?
The price on the invoice is not the price [on your page|I saw in the shop].
I paid {a} for the {p} but the bill says something else.
My payment of {a} [was taken|went out] but your page says [unpaid|not paid].
[Could|Can] you correct the [invoice|bill]? The company name is missing.
The tax on [my|the] invoice [is wrong|looks wrong|was counted twice].
I got a reminder to pay, but I [paid|have paid] for the {p} on {d}.
The amount of {a} on my card [does not match|is not] the price of the {p}.
You charged {a} for shipping although shipping was free.
My card was charged {a} on {d} and again a day later.
I was billed for {n} pieces but I bought only one {p}.
Please explain the charge of {a} on my [account statement|bank statement].
The bill for the {p} has the wrong [tax number|company name].
I need a [corrected|new] invoice with my company name.
There is [a double|an extra] charge of {a} for the {p}.
Your [shop|system] took the money for the {p} twice.
The voucher for {a} is missing on my [bill|invoice].
My gift card was not counted when I paid for the {p}.
I see {n} payments for one {p} on my card.
The receipt for the {p} says {a}, which is too much.
I paid by bank transfer on {d} but you say the payment is missing.
The charge for the {p} is higher than the price you promised.
How can I pay the invoice for the {p} by card?
Can I pay for the {p} in {n} parts?
The payment page took {a} but gave me an error.
I would like to change the payment method for the {p}.
My invoice has the wrong [date|name] on it.
The reminder fee of {a} is not right, I paid on time.
You billed me {a} for a {p} at the old price.
I was promised ten percent off the {p} but paid the full amount.
Somebody charged my card {a} for a {p}.
On {d} you took {a} from my bank, what is this payment for?
The total on the bill for the {p} was counted wrong.
I want a receipt for my payment of {a}.
The bill shows a {p} at {a}, the shop showed a lower price.
Your invoice lists {n} charges and I know only one of them.
The tax for the {p} is missing on the receipt.
---
My card shows two charges for the same {p}.
The invoice says {a}, but I agreed to pay less for the {p}.
I paid and still get a reminder for the bill.
---
Looking at my bank statement, I find that the {p} was charged twice.
There is something wrong with the amount on my bill for the {p}.
Why did you take {a} from my card when the price was lower?
The payment went through two times, says my bank.
I cannot find the invoice, please send the bill for my {p} again.
A charge of {a} is on my card and nobody can explain it.
The discount is missing on the receipt for the {p}.
For one {p} I have now paid twice, once on {d} and once today.
""",
    "delivery": """
My {p} [has not arrived|did not arrive|has still not come].
The parcel with the {p} [is late|is overdue|should have been here on {d}].
Where is my [parcel|package]? I am waiting for the {p}.
The tracking page has [not changed|shown nothing new] since {d}.
The courier [left|put] the parcel [with a neighbour|in the rain|at the wrong door].
The tracking says delivered, but I [have|got] no parcel.
I [have been waiting|wait] {n} weeks for the {p} to arrive.
The driver [never rang|did not ring] and took the parcel away again.
When will [the|my] {p} be delivered?
The {p} was promised for {d} and has not been shipped.
Can you [bring|deliver] the parcel on {d} instead?
My package is stuck in [another city|the depot|your warehouse] since {d}.
The parcel arrived, but the box was [open|empty|wet].
Please send the parcel to [a different address|my work address].
The courier says the [address is wrong|street cannot be found].
I only got {n} of my parcels, the one with the {p} is missing.
The shipment of the {p} is [delayed|late] again.
[Has|Was] my {p} been shipped? I got no tracking number.
The tracking number you sent does not work.
How long does the delivery of a {p} take?
The package with my {p} [got lost|is lost] on the way.
The parcel went to my old address.
Your courier left a card, but the parcel is not at the depot.
The delivery was planned for {d} and nobody came.
I was home all day on {d} but no driver came.
The {p} is on the way for {n} weeks now.
Can I pick up the parcel with the {p} at the depot?
Please tell the driver to leave the parcel at the back door.
The shipping of the {p} takes far longer than you said.
The wrong parcel was delivered to me, it is for somebody else.
Tracking shows that the parcel goes back to the warehouse.
My neighbour got my parcel and the courier told nobody.
I need the {p} by {d}, will the parcel be here in time?
Half of the shipment is missing, the {p} was not in the box.
The courier came {n} times when I was at work.
The parcel has been in the depot since {d}.
No parcel has come yet and the tracking is empty.
You said the {p} ships within {n} days, but it is still in the warehouse.
Could you ask the courier where my {p} is?
The delivery date of my {p} moved again.
I got a message that the {p} was delivered on {d}, but nothing came.
The package is lost, says the courier.
My shipment went to the wrong city.
The box came without the {p}, only paper was in it.
---
The parcel should have come on {d}, but the courier never arrived.
Still no {p} at my door, what does the tracking say?
Please find out where the package is.
---
Nobody has delivered my {p} and {d} has passed.
I keep looking at the tracking page, but the parcel does not move.
The driver must have left my package somewhere else.
It is {n} weeks now and the {p} is still not here.
Has the courier lost my {p}?
The shipment was promised for {d}, when does it arrive?
According to the tracking number the parcel is in the wrong city.
My parcel was left in the rain by your driver.
""",
    "returns": """
I [want|would like] to [return|send back] the {p}.
How [can|do] I [send back|return] the {p}?
The {p} is too [small|big|large], I want to return it.
Please send me a return label for the {p}.
I [ordered|bought] the wrong {p} and want to exchange it.
Can I exchange the {p} for [another colour|a bigger one|a smaller one]?
The {p} does not fit, how do I give it back?
I do not like the {p} and [want|would like] my money back.
How many days do I have to return [the|a] {p}?
I sent the {p} back on {d} and [wait|am waiting] for the refund.
The return label for the {p} [does not print|is missing].
You got my return on {d}, but the refund has not come.
I changed my mind about the {p}, may I send it back?
Where do I bring the return of the {p}?
May I return the {p} without the box?
The {p} looks different from the picture, I will send it back.
I would like to swap the {p} for a different [model|size].
Please take back the {p}, I have no use for it.
My return was [refused|sent back to me], why?
The {p} was a gift and I would like to exchange it.
Do I have to pay for the return of the {p}?
I have not used the {p} and want to give it back.
When do I get the refund for the {p} that I returned?
The colour of the {p} is not what I [expected|wanted], so I return it.
I got two and want to send one {p} back.
Is it still possible to return the {p} after {n} weeks?
Please tell me the address for returns.
I returned the {p} {n} weeks ago and got no refund.
I need a new return label, the old one is lost.
Can I bring the {p} back to a shop near me?
The return form asks for a number that I do not have.
I want to exchange my {p}, the size is wrong.
The {p} is not right for us, we would like to return it.
Please pick up the {p}, I am sending it back.
You wrote that the return has arrived, where is the refund?
I opened the {p}, can I still send it back?
My wife does not like the {p}, so we are returning it.
I would rather have a different {p}, can we swap?
How does an exchange of the {p} work?
I want the refund for the returned {p} on my card.
The {p} goes back to you, please send the label.
Do you take back a {p} that was opened?
The return of the {p} was registered on {d}, still no refund.
I bought {n} of them and want to return the rest.
---
The {p} is not what I wanted, please take it back.
Can you send the label so that I can return the {p}?
I gave the {p} back on {d}, when is the refund coming?
---
This {p} is the wrong size, so I would like to exchange it.
What do I have to do to give the {p} back?
I am sending the {p} back, please tell me where to.
My refund for the return has not come yet.
We do not need the {p} any more and want to return it unopened.
Is there a label for sending the {p} back?
I would like to swap it, the {p} is too small for us.
The {p} was returned on {d} and you have not paid the refund.
""",
    "repair": """
The {p} [does not work|stopped working|no longer works].
My {p} [broke|is broken] after {n} [days|weeks].
The {p} does not [turn on|start|switch on] any more.
There is a crack in the {p}.
The {p} makes a [loud|strange] noise when I use it.
The [screen|handle|lid|switch] of the {p} is [broken|loose|cracked].
My {p} gets [very hot|too hot] and switches off.
The battery of the {p} is [dead|empty after an hour|faulty].
[Can|Could] you repair [my|the] {p}?
The {p} came [damaged|broken] and needs a repair.
How long does a repair of the {p} take?
Is the repair of the {p} under warranty?
A part of the {p} [fell off|came off|broke off].
The {p} leaks [water|oil] since {d}.
My {p} has a [fault|defect], it stops after {n} minutes.
The {p} smells [burnt|of smoke] when it runs.
The cable of the {p} is [damaged|broken].
The button on the {p} is stuck.
The {p} is still under warranty and it is broken.
The {p} flickers and then goes off.
I need a spare part for the {p}, the old one broke.
Since {d} the {p} shows an error and does nothing.
The motor of the {p} is dead.
I dropped the {p} and now it is cracked.
The {p} worked for {n} weeks and then died.
The {p} does not charge any more.
Who repairs a broken {p}?
The technician [did not fix|could not fix] my {p}.
The {p} came back from the repair and is still broken.
One leg of the {p} is broken.
The {p} is faulty, it stops all the time.
The glass of the {p} has a crack.
Please fix my {p}, it is defective.
The lid of the {p} does not close any more, it is bent.
My {p} switches itself off after {n} minutes.
There are sparks coming from the {p}.
The {p} has a defect, a repair is needed.
I sent the {p} for repair on {d}, is it fixed?
The wheel of my {p} came off.
The {p} shakes and makes noise, something is loose.
Your technician should look at my {p}, it leaks.
The warranty should cover it, the {p} just died.
The {p} is dead, not a single light goes on.
The switch on my {p} broke after {n} days.
---
My {p} is defective, it no longer turns on.
The {p} has a loose part and makes a noise.
Can a technician fix the {p} under warranty?
---
After {n} weeks of use the {p} has died.
Something inside the {p} is broken and it does not start.
It smells of smoke, so the {p} must have a fault.
I would like you to repair the {p}, the handle came off.
The {p} turns off by itself, that is a defect.
Does the warranty pay when the {p} is cracked?
The {p} was working on {d}, now it is dead.
My {p} leaks and the lid is cracked.
""",
    "account": """
I cannot log in to my account.
My password [does not work|is not accepted|is wrong, your page says].
I [forgot|lost] my password and the reset mail [does not come|never arrives].
How [can|do] I change [my|the] email address in my profile?
Please delete my account.
My account [is locked|has been locked|was blocked] since {d}.
The login page says that my user does not exist.
I want to change the [name|phone number|email] in my account.
The link to reset my password has expired.
Somebody else [logged in to|is using] my account.
I get no code when I sign in.
Your page logs me out [all the time|after {n} minutes].
I have two accounts, can you [join|merge] them?
I would like to close my profile.
How do I sign up for an account?
The code for the login never comes to my phone.
I cannot reset the password, the page shows an error.
My old email no longer exists, how do I log in?
My user name is [wrong|not known] in your system.
Please update the email address of my account.
I changed my password on {d} and now I cannot sign in.
The sign in page does not accept my email.
My profile shows the name of another person.
Since {d} I am locked out of my account.
Please remove my data and close the account.
I tried to log in {n} times and now I am blocked.
The confirmation mail for my new account did not come.
Where can I change my password?
My profile is empty after the login.
I cannot save the new phone number in my profile.
Can you unlock my account, please?
Who changed the email in my profile? It was not me.
I get a mail about a login that was not mine.
My account was closed and I did not ask for it.
The page says that my password is too short.
I would like to use a new email for the login.
How do I turn off the login code?
The reset link takes me to an empty page.
The app does not let me sign in with my password.
I want to stop the newsletter, but I cannot log in to my profile.
My account has the wrong date of birth.
A new phone means I get no login codes any more.
Please reset my password.
The password reset mail goes to my old email address.
---
I am locked out, the page does not take my password.
Please change the email of my profile.
The login code does not come.
---
It is not possible for me to sign in, my user seems blocked.
What can I do, I no longer know my password.
A stranger has logged in with my user name.
I would like to have my account deleted.
My new email is not in the profile, please update it.
The page always says wrong password, though it is right.
I did {n} resets of the password and still cannot log in.
Please merge my two profiles, each has another email.
""",
    "cancellation": """
I want to cancel [my order|the order|the order of the {p}].
Please cancel the {p}.
Can I still cancel the order [from|of] {d}?
Please stop my order, I [no longer need|do not need] the {p}.
I ordered the {p} by mistake, please cancel it.
How [can|do] I cancel [an order|my order]?
I [clicked|pressed] buy {n} times, please cancel the extra orders.
Please cancel before it ships.
I want to cancel my subscription.
I found the {p} elsewhere and want to cancel.
The cancel button [does not work|is missing].
I [asked|wrote] on {d} to cancel, but the order is still open.
You have not confirmed my cancellation.
Please do not send the {p}, I [cancel|want to cancel] the order.
The {p} takes too long, so I cancel the order.
Cancel the whole order, please.
I wish to cancel only the {p}, keep the rest.
Is it too late to cancel the {p}?
I changed my plans, please call off the order.
My order was cancelled [without a reason|by you], why?
Please confirm that the order for the {p} is cancelled.
I end my subscription for the {p} on {d}.
I would like to withdraw from the contract for the {p}.
Please cancel the second {p}, one is enough.
We ordered twice, cancel one of the orders.
Stop the order, it has not been packed yet.
My son ordered the {p} without asking, please cancel.
How long can an order be cancelled?
I no longer want the {p}, call off the order.
The monthly plan should end on {d}, please cancel it.
I got no mail about my cancellation.
I need to cancel today, the order is from {d}.
Cancel the {p} and keep the other things.
I withdraw my order for the {p}.
Please take the {p} out of my order before it ships.
The order for the {p} was a mistake, call it off.
Can you stop the order before it is packed?
I tried to cancel online and got an error.
I hereby cancel my order of {d}.
The order is cancelled, says your page, but I did not cancel.
Please end my plan, I do not use it.
Do I pay a fee when I cancel the {p}?
I want to undo the order of the {p}.
Why can I not cancel the {p} on your page?
---
Call off the order for the {p}, please.
I would like to cancel, the {p} is no longer needed.
Has my cancellation been confirmed?
---
The order of {d} should be cancelled, I do not need it any more.
Is there still time to call off my order for the {p}?
I made a mistake and ordered a {p}, please stop it.
My wish to cancel was not confirmed yet.
Do not pack the {p}, I would like to withdraw from the order.
From {d} on I no longer want the subscription.
The page does not let me cancel the {p}.
We no longer want the {p} and ask you to stop the order.
""",
    "stock": """
When will the {p} be [back in stock|available again|in stock again]?
Is the {p} [in stock|available] [now|at the moment|in another colour]?
Do you [have|sell] the {p} in [blue|green|another size|white]?
The {p} is sold out, when [do you get|will there be] more?
How many of the {p} do you have in stock?
Your page says the {p} is [sold out|out of stock].
Will you [sell|offer] the {p} again [this year|next month]?
Is there a [bigger|smaller|newer] model of the {p}?
Do you have {n} pieces of the {p} in stock?
Please tell me when the {p} is available.
Can I [reserve|pre-order] the {p}?
Which shop near me has the {p} in stock?
I am looking for a {p}, but your page shows none.
Will the {p} be available before {d}?
Does the {p} come in other colours?
The {p} has been out of stock for {n} weeks.
Do you still make the {p}?
Can you put me on the waiting list for the {p}?
Is the {p} from the picture [for sale|on sale]?
I want to buy {n} of the {p}, are there enough?
The {p} was in stock on {d}, now it is gone.
When does the new {p} come out?
Do you plan to get the {p} again?
Is the red {p} sold out for good?
Have you got the {p} in a larger size?
Please keep one {p} for me until {d}.
What colours of the {p} do you have?
Is there another {p} like it that is available?
I wanted to buy the {p} but it is out of stock.
Do you sell spare covers for the {p}?
The shop has no {p} left, do you?
How soon can you get more of the {p}?
Can I buy the {p} in your shop in town?
Will there be more of the {p} on {d}?
Is the small {p} still for sale?
Do you offer the {p} as a set of {n}?
Let me know as soon as the {p} is in stock.
Could you reserve {n} of the {p} for us?
Why is the {p} never available?
I saw the {p} in a shop, do you sell it online too?
Is the {p} part of your range?
The waiting list for the {p} is closed, what now?
Do you expect new stock of the {p} this week?
The size I need of the {p} is sold out.
---
Is there a date when the {p} is available again?
I would like to buy the {p}, but it is sold out.
Do you have the {p} in grey?
---
How long will the {p} be out of stock?
Could I reserve a {p}, or is it sold out?
Are there any more of the {p} in your stock?
We look for {n} of the {p}, do you have enough of them?
The {p} is not available on your page, will you offer it again?
Which sizes and colours of the {p} do you sell?
Please put a {p} aside for me when new stock comes.
On {d} the page said available, now the {p} is sold out.
""",
    "setup": """
How do I [assemble|set up|put together] the {p}?
The manual for the {p} is [missing|not in the box|hard to read].
I do not understand step {n} of the instructions.
Which [screws|parts] go where on the {p}?
How do I connect the {p} to [my phone|the internet|the app]?
Where can I [find|download] the manual of the {p}?
Can you explain how [to use|to install] the {p}?
How do I clean the {p} [the right way|safely]?
Is there a video that shows how to assemble the {p}?
The instructions for the {p} are [only in French|not clear].
What does the [red|green|small] light on the {p} mean?
How do I change the settings of the {p}?
The {p} asks for a wifi code, where do I find it?
How do I mount the {p} on the wall?
Which tools do I need to put the {p} together?
I have {n} screws left after assembling the {p}.
How do I use the {p} for the first time?
Please send me the instructions for the {p}.
Step {n} in the manual makes no sense to me.
How long must the {p} be charged before the first use?
How do I set the time on the {p}?
Can I put the {p} outside, what does the manual say?
I do not know how to install the {p}.
How do I pair the {p} with the app?
The picture in the manual shows another {p}.
Can one person assemble the {p} alone?
Which way round does part {n} go?
How do I fold up the {p}?
What is the small part in the box of the {p} for?
I need help with setting up the {p}.
How often do I have to clean the {p}?
How do I open the lid of the {p} to fill it?
Do you have a guide for the {p} in English?
How do I connect {n} of the {p} to each other?
The app cannot find the {p}, how do I connect it?
Can you help me to put the {p} together?
How do I choose the language on the {p}?
Where does the long screw go, the manual of the {p} does not say.
What is the right setting of the {p} for a small room?
Is there a guide how to install the {p}?
How do I take the {p} apart to clean it?
I am at step {n} and the parts of the {p} do not match the picture.
How do I start the {p} after assembling it?
What do I press to set up the {p}?
---
Please explain step {n} of the manual.
How is the {p} mounted, are there instructions?
I need a guide to connect the {p} to wifi.
---
Could you tell me how the {p} is put together?
The box had no instructions, how do I install the {p}?
What do the buttons and lights on the {p} mean?
I am trying to assemble the {p}, which screws go into part {n}?
Setting up the {p} is hard, is there a video?
In the manual I cannot find how to connect the app.
How should the {p} be cleaned and used?
Before the first use of the {p}, what do I have to set?
""",
}

TONES = {
    "angry": """
This is [outrageous|unacceptable|a disgrace|ridiculous]!
I am [furious|really angry|very angry|fed up]!
I have had enough of [this shop|your excuses|this]!
What a terrible service!
This is the worst [shop|service] I know!
You should be ashamed!
I will never [buy|order] here again!
How can you treat customers like this?!
I am [sick|tired] of this!
Nobody answers, this is [terrible|a joke]!
Do you think this is funny?!
I [demand|expect] an answer right now!
My patience is at an end!
I will write a very bad review!
Stop wasting my time!
Your service is [useless|a joke|horrible]!
I am going to my lawyer!
Such a [mess|shame]!
This makes me so angry!
It is a disgrace how you work!
You [ruined|spoiled] my [week|holiday|birthday]!
I have never seen such bad [service|work]!
Enough is enough!
Your excuses make me sick!
This shop is a [disaster|bad joke]!
I am [mad|boiling] with rage!
It is horrible to be your customer!
Never ever again!
You are wasting my time and I am furious!
Ridiculous, just ridiculous!
I want an answer now, this is a scandal!
What you do here is useless and terrible!
I hate this!
How dare you!
---
I am furious with your shop!
This is a terrible joke!
---
I have had enough, this is horrible!
What a disgrace, you should be ashamed!
This is unacceptable and I am very angry!
Never again, your service is terrible!
I am fed up with your excuses!
A useless shop, I demand an answer!
""",
    "worried": """
I am [worried|very worried|a bit worried|getting nervous].
I am afraid that [something is wrong|I did something wrong|it is too late].
I hope this is not [a big problem|too late].
This keeps me awake at night.
I am scared to lose my money.
I do not know what to do.
Should I be worried?
I am [anxious|nervous] about this.
Please help me, I am really unsure.
I fear that [nobody will help|it is my fault].
Is this dangerous for [us|my family]?
I have a bad feeling about this.
It makes me nervous.
I am so afraid of doing it wrong.
What if it goes wrong?
I really hope that nothing bad happens.
I am concerned about this.
I could not sleep because of it.
My mother is very worried too.
I fear the worst.
Please tell me that [nothing bad|nothing] will happen.
My heart beats fast when I think of it.
I get more and more nervous.
We are all a bit scared now.
It worries me a lot.
Is it my fault?
Something bad may happen, I fear.
I cannot stop thinking about this.
It is a big worry for me.
I hope you can calm me down.
All this makes me [anxious|afraid|uneasy].
Could this be too late already?
I am so unsure and scared.
What happens if nobody helps me?
---
I am nervous and hope it is not too late.
I am really afraid of a big problem.
---
I am anxious and do not know what to do.
I worry about this all night.
I fear that something bad happens.
This worries me, I hope it is not my fault.
I am concerned and a bit scared.
What if it is too late? I am nervous.
""",
    "calm": """
Please let me know.
I am waiting for your answer.
Please look into it.
An answer by mail is fine.
Please reply when you can.
Please take care of it.
This is my request.
That is all.
You can reach me by mail.
Please check this.
Please get back to me.
I ask for a short answer.
A short note is enough.
Please tell me the next step.
I await your reply.
There is no hurry.
Please inform me by mail.
Kindly check and reply.
Please process this.
For your information.
Please send a short answer.
My request is above.
I would like an answer by mail.
Let me know what the next step is.
Please get in touch.
Please take a look and reply by mail.
No rush with the answer.
I look forward to your reply.
Please note this.
Let me know when this is done.
Please handle my request.
Please send me a note.
I ask you to check it.
Reply by mail, please.
---
Please check and let me know.
A short answer by mail is enough.
---
I ask you to look into it and reply.
Please get back to me by mail.
Please check my request.
Let me know the next step, please.
Please reply with a short note.
That is my request, I await your answer.
""",
    "friendly": """
[Thanks|Thank you] so much for your help!
I love your shop!
You are [the best|great|wonderful]!
Have a [lovely|wonderful|great] day!
I am very happy with your [shop|service]!
Many thanks, you always help so kindly!
Keep up the good work!
A big thank you to your team!
Your team is always so nice!
I always enjoy shopping with you!
Sending you a smile!
You did a great job last time!
Thanks a lot, dear team!
All the best to your lovely team!
It is always a pleasure to write to you!
I told all my friends how good you are!
Warm wishes to all of you!
What a lovely shop you have!
I am a big fan of yours!
You make me smile every time!
It was [lovely|wonderful|great] to shop with you!
Such a nice and kind team!
Thanks to all of you, you are lovely!
I wish you a wonderful week!
You always make me happy!
Your kind help is great, thank you!
Big hugs to the team!
I love how kind you are!
Best shop ever, many thanks!
I enjoy every visit to your shop!
Thank you for being so nice!
How wonderful that you are there!
A smile from me to you!
So happy to be your customer!
---
Thank you, you are a lovely team!
I am so happy with your help!
---
Many thanks to your wonderful team!
I love how nice you always are!
A big smile and a thank you to all of you!
You are great, have a lovely day!
I enjoy your shop so much!
Thanks a lot, you are wonderful!
""",
}

OPENINGS = """
Hello,
Hi,
Hi there,
Good morning,
Good afternoon,
Dear team,
Hello team,
Dear support,
Dear Sir or Madam,
Hey,
Good evening,
Hi support,
---
Hello support,
---
Hello there,
Dear support team,
Good day,
"""

ORDER_SENTENCES = """
My order number is {o}.
Order {o}.
The order number is {o}.
It is about order {o}.
This is for order {o}.
Order number: {o}.
My order: {o}
See order {o}.
I write about order {o}.
The number of the order is {o}.
It was order {o}.
({o})
Ref {o}.
Order no. {o}.
---
This is about order number {o}.
---
The order has the number {o}.
You find it under order {o}.
I am writing because of order {o}.
"""

REMARKS = """
It is raining here today.
My dog says hello.
I am writing from the train.
We just moved house.
My phone is old, sorry for typos.
I am on holiday until {d}.
My sister told me about your shop.
I saw you on television.
We have a new cat.
I am writing this at work.
The weather is fine here.
My son plays football on {d}.
I will be at home on {d}.
We have a birthday on {d}.
I had soup for lunch.
---
My cat sits on the keyboard.
---
My brother sends his regards.
It is cold outside today.
I am writing from the garden.
"""

SIGNATURES = """
{c}
Regards, {c}
Yours, {c}
My name is {c}.
This is {c}.
Best, {c}
Greetings from {c}
I am {c}.
---
Regards from {c}
---
Sincerely, {c}
It is {c} writing.
"""

NAMES = """
Anna Ben Clara David Emma Felix Greta Henry Ida Jonas Karin Leo Maria Nils Olga Paul Rosa Simon Tina
Ulrich Vera Walter Yara Zoe Adam Bella Carl Diana Erik Fiona Georg Hanna Ivan Julia Kevin Laura Martin
Nora Oscar Petra Robert Sara Thomas Ursula Victor Wendy Alan Brenda Colin Doris Edgar Flora Gordon Helen
Iris Jack Kate Louis Molly Norman Pamela Quinn Ruth Stefan Theo Vincent Amir Bruno Chiara Deniz Elif
Farid Gina Hugo Ines Jamal Kira Luca Mina Noah
---
Omar Lena Peter
---
Oliver Sofia Marcus Nadia Tobias Elena Rasmus Judith Kasper Selma
"""

PRODUCTS = """
lamp chair table kettle toaster blender heater fan radio clock camera printer keyboard monitor speaker
tablet phone watch bike helmet tent backpack suitcase sofa bed mattress desk shelf mirror carpet curtain
grill mower drill saw hammer ladder stove oven fridge freezer washer dryer vacuum iron mixer juicer scale
thermos pan pot knife jacket scarf router charger headset scooter stroller cradle puzzle drone
---
bookcase doorbell toolbox
---
rice_cooker floor_lamp coffee_maker garden_hose sewing_box desk_fan bread_knife table_clock waffle_iron rain_barrel
"""

ADJECTIVES = "red blue green black white grey small large new old wooden steel"
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"
