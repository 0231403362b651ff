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
[My credit card|My debit card|My account] was [debited|charged|billed] [twice|again|without reason].
There are [two|three|several] [charges|payments|debits] of {a} on my [statement|account|card].
I [think|believe|guess] you [overcharged|charged] me [too much|by mistake|wrongly] for the {p}.
[The sum|The price|The total] on the [invoice|bill|receipt] is [too high|not correct|wrong].
[The bill|The invoice|My receipt] [does not add up|is not correct|has a mistake].
I [need|am missing|would like] [a copy of the invoice|the invoice as a file|a proof of payment] for the {p}.
[Please|Could you] send [the invoice|the bill|a receipt] [to my mail|once more|as a pdf].
[Why|For what] did I [pay|have to pay] {a}? [The bill|The invoice] [does not say it|is not clear].
What [is|was] the [charge|debit|payment] of {a} [for|about]?
I [do not recognise|do not know|never agreed to] a [charge|debit|payment] of {a} [on my card|from your shop|on my statement].
You [debited|withdrew|charged] {a} [too early|too much|twice] from my [account|bank account|card].
[The coupon|My voucher|The promo code] was [refused|ignored|not accepted] at the [payment|checkout].
[The coupon|My voucher|My discount] [is not on|is missing on|was left off] the [bill|invoice].
[My payment|The card payment|The transfer] was [declined|refused|rejected], [what can I do|why].
[The payment|My payment] by [card|transfer|gift card] [fails|does not go through|gives an error].
I [transferred|sent|paid] {a} on {d}, [did you get the money|has the payment arrived]?
The [money|transfer|amount] [left|went from] my bank account on {d}, but the [invoice|bill] is [still open|shown as unpaid].
[You sent me|I received] a [payment reminder|reminder|second reminder], but [the bill is paid|everything is paid].
[A late fee|An extra fee|A fee] of {a} [was added|is shown] to my [bill|invoice].
[The shipping cost|The delivery fee] on the [bill|invoice] is [wrong|too high|{a}].
I was [asked to pay|charged] [shipping costs|a delivery fee], which [should be|was said to be] free.
[The invoice|The bill] [was sent to|is made out to] [the wrong company|another person|my old address].
[The vat|The tax|Our tax number] is [missing|wrong|not shown] on the [invoice|bill].
[Can|Could] I [pay later|get more time to pay|pay in parts] for the {p}?
[Which|What] [payment methods|cards|ways to pay] do you [take|accept|offer]?
I want to [pay by|switch to] [card|bank transfer|invoice], how [does it work|do I do that]?
[The price|The cost] of the {p} was {a} [in the shop|online|when I ordered], [but|and] now I [pay|am billed] more.
[The bill|My invoice] [lists|contains|has] [things|items] I [did not buy|never ordered|do not know].
[You counted|The invoice counts] the {p} [twice|two times|{n} times].
[The sale price|The offer|The special price] was [not used|ignored] on my [bill|invoice].
My [bank|card company] says {a} was [taken|paid] [to you|to your shop] [two times|twice].
[The amount|The sum] you [took|charged|debited] is not what I [agreed to|ordered for|signed for].
I [never|did not] [authorise|allow] this [payment|charge|debit].
[Your system|Your shop] shows [an open amount|a debt|an unpaid bill] of {a}, but I [paid it|have paid] on {d}.
[My gift card|The gift card] [shows no balance|was charged twice|is not accepted for payment].
[How much|What] [do I owe|must I pay] [in total|for the {p}]? The [bill|invoice] is [not clear|confusing].
I [get|got] a [bill|invoice] every month [although|but] I paid [once|for the {p}] [in full|already].
[Two invoices|Three bills] [came|arrived] for [one|a single] {p}.
[Please|Kindly] [correct|fix|check] the [amount|price|sum] on [my bill|the invoice].
[Please explain|I do not understand] the [costs|prices|fees] on the [bill|invoice].
[Please change|Can you change] the billing address on [my|the] invoice?
The [invoice|receipt] you [mailed|sent] is [empty|not readable|for another customer].
My [payslip|expense report] needs a [proper|correct] [invoice|receipt] for the {p}.
I [lost|cannot find|have lost] the [receipt|invoice|bill] [for|of] the {p}.
[The deposit|My deposit] of {a} is [missing|not counted] on the [bill|final invoice].
[The exchange rate|The currency] on my [bill|statement] [is wrong|makes it more expensive].
I [paid cash|paid in cash] at the [desk|shop], but the [bill|invoice] came [by mail|again].
[Your letter|Your mail] says I [owe|must pay] {a}, [which is wrong|but that is paid].
[The credit|The balance] of {a} was not [used|counted|deducted] from my [bill|payment].
My card [expired|is new], how do I [pay|update the payment]?
You [billed|charged] [the full price|the old price], not the [discounted|lower] one.
[The cost|The fee] for [express|gift wrap] was [charged|billed] but I [did not choose it|never asked for it].
[I am being charged|I keep paying] {a} every month, [what for|why is that].
[My company|Our office] needs an [invoice|bill] with [our address|the order date].
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
[The package|My parcel|My shipment] [is nowhere|has vanished|has disappeared|is missing].
[I am still waiting|I wait and wait|We are still waiting] for [the {p}|my package|our parcel].
[Nothing|No package|Nothing at all] has [arrived|come|been delivered] [so far|until today|yet].
[When|On which day] [does|will] [the parcel|the package|the {p}] [arrive|come|get here]?
[How long|How many days] [does the shipping take|will the delivery take|until the {p} arrives]?
[The delivery|The shipment|The parcel] is [{n} days late|overdue|far too late].
[The courier|The driver|The postman] [threw|dropped|left] [the package|my parcel] [over the fence|on the street|at the gate].
[The courier|The driver|The delivery man] [did not come|never showed up|went to the wrong house].
[The driver|The courier] [could not find|missed] [my house|our door|the address].
[Tracking|The tracking|The parcel tracking] [says|shows] [it is in another country|nothing|an error].
[The tracking|The status] [has said|says] [in transit|on the way|processing] for {n} days.
According to [the tracking|your page], the [parcel|package] [arrived|was handed over] on {d}, but [I have nothing|it is not here].
[Somebody else|A stranger|The wrong person] [got|took|signed for] [my parcel|the package].
[The parcel|The box|The package] [was|arrived] [damaged|torn|crushed|opened] [on the way|during transport].
[The parcel|The package] [was sent|went] [back|to the wrong address|to another town].
[Please deliver|Can you deliver|Please bring] [the parcel|the {p}] [to my office|to my neighbour|in the evening|after six].
[I moved|I have moved], please [send|ship] the {p} to [my new address|another street].
Please [change|correct] the [delivery address|shipping address] [for|of] the {p}.
[Can|Could] I [choose|change|move] the delivery [date|day|time]?
[Is|Could] [express|faster] [shipping|delivery] [possible|be done] for the {p}?
I [paid for|chose] [express|next day] [shipping|delivery], but [the {p} is not here|nothing came].
[Have you sent|Did you ship|Did you send] [my order|the {p}|the parcel] [yet|already]?
[When|On what day] will [my order|the {p}] be [sent|shipped|dispatched]?
[The {p}|My order] [has not left|is still in] [your warehouse|the store].
[I got|We received|There came] [only one of two parcels|only a part of the shipment|half of the delivery].
[The parcel|The box|The package] [was empty|had nothing inside|held the wrong thing].
[You sent|You delivered|I received] [the wrong thing|something else|another product] [instead of|and not] the {p}.
[The post office|The depot|The parcel shop] [says|tells me] [they do not have|there is no] [parcel|package] [for me|of mine].
Where can I [collect|fetch|pick up] [the parcel|my package]?
[Which|What] [courier|company|carrier] [brings|delivers|ships] the {p}?
[Do|Can] you [ship|deliver|send] [abroad|to another country|to an island]?
[I need|I want] [the tracking number|a tracking link] for [my parcel|the {p}].
[The parcel|The package] [hangs|is held] [at customs|at the border] [since|from] {d}.
[The delivery|The shipment] was [announced|planned|due] [for|on] {d}, [but nothing came|no one rang].
[I stayed home|I took a day off|I waited all day] for the [courier|delivery|driver] [and nobody came|for nothing].
[The driver|The courier] [refused|did not want] to [carry|bring] the {p} [upstairs|to my floor].
[No one|Nobody] [rang|was here], [and|but] the courier [noted|wrote] that I was [away|not at home].
[The second parcel|The rest of the delivery|One box] is [still missing|not here].
My [order|{p}] was [dispatched|sent] on {d} and [is not here|has not reached me].
[It has been|It is now] {n} weeks and [the parcel|my {p}] is [not here|still on its way].
[The shipping|The delivery] [date|time] [keeps changing|was moved {n} times].
[The parcel|It] [must|has to] [get here|arrive] before {d}, [please hurry|it is a gift].
[My doorman|My neighbour|The school] [refused|sent away] the [parcel|courier].
[Your driver|Your courier] [drove past|drove away|went away] without [ringing|stopping].
[The package|The parcel] [lies|lay] [in the rain|on the stairs|in the garden].
[Please leave|Can you leave] the [parcel|package] [at the door|with the neighbour|in the garage].
[Has|Did] the [courier|driver] [lost|lose] my [parcel|package]?
[I cannot track|I am not able to track] [the shipment|my parcel].
[The shop promised|You promised] [shipping|delivery] [in {n} days|by {d}].
[The transport|The carrier] [lost|mixed up] the [boxes|parcels].
[Stop at|Come to] the [back|side] entrance, the [driver|courier] [goes wrong every time|never finds it].
[My order|The {p}] should [be here|have come] [by now|days ago|last week].
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
[I want|I wish|We want] to [hand back|give back|bring back] the {p}.
[I am not happy|I am not pleased] with the {p} and [want to return it|would like to send it back].
[The {p}|It] is [not what I expected|not my taste|not as shown], [can I return it|I want to send it back].
[The {p}|The size] [is too tight|is too wide|is too long], [I need to exchange it|can I swap it].
[Can|Could|May] I [swap|trade|exchange] the {p} [for a bigger one|for a smaller one|for something else]?
[Can|Could|May] I [get|have] [a refund|my money back] [for the {p}|if I send it back]?
[What|Which] are [your return rules|the rules for returns|the terms for an exchange]?
[How long|Until when] [can|may] I [return|send back] [the {p}|things]?
[Where|To which address] do I [send|ship|post] the [return|returned {p}]?
[I need|Please mail me|Please give me] [a label|a return form|the return papers] [for the {p}|to send it back].
[Who pays|Do I pay] for [the return|sending it back|the return shipping]?
[The refund|My refund|The money] for the [returned|sent back] {p} [is missing|has not come|is still open].
[I sent|I shipped|I posted] the {p} back [{n} days ago|on {d}|last week], [where is my refund|and heard nothing].
[Did you get|Have you received|Has] [my return|the {p} I sent back|the returned {p} arrived]?
[You refunded|I was refunded] only {a} for the [returned|sent back] {p}.
[The refund|The money back] [is lower|is less] than I paid, I [returned|sent back] [everything|all of it].
[I got|I received] the {p} [as a gift|as a present] and [want to swap it|do not need it, can I return it].
[I bought|I chose|I ordered] the wrong [size|colour|model], [can I change it|please exchange it].
[My husband|My son|My mother] does not [want|need|like] the {p}, [so it goes back|can we return it].
[The {p}|It] does not [match|suit] [my kitchen|my room|me], [I return it|I send it back].
[The {p}|This] is [unused|unopened|still sealed], [can it go back|I would like to return it].
[I already opened|I tried|I tested] the {p}, [can I still return it|may it go back].
[The seal|The box] is [open|gone], [is a return still possible|do you still take it back].
[I threw away|I lost] the [box|receipt], can I [return the {p}|still send it back] [anyway|without it]?
[Can|Could] the courier [collect|pick up] [my return|the {p} that I return]?
[The label|Your return label] [is not readable|expired|has the wrong address].
[The return|My return] was [rejected|declined|not accepted], [why|what now].
[The return portal|The return page] [does not know|does not find] my order.
[How does|How do I start] a [return|exchange] [work|of the {p}|for the {p}]?
[I want|I prefer] [an exchange|a voucher|a refund], not [a voucher|an exchange|a new one].
[Please exchange|Please swap|Kindly exchange] the {p} for [the blue one|a new size|the other model].
[Take|Please take] the {p} back [and refund me|and pay me back|for a refund].
[I have|I had] {n} days to [return|send back] it, [is that right|am I too late].
[The exchange|The swap] of the {p} [takes too long|is not done|has not come].
[I returned|I brought back|I sent in] [one of two|{n} pieces|the {p}] [and|but] the refund [is wrong|did not come].
[I want|We would like] to [undo the purchase|give everything back], the {p} is [not needed|too big].
[Once|When] you [have|get] the {p} back, [how fast is the refund|when do I get my money]?
[The {p}|The thing] [looks cheap|is ugly|is boring], I [want to send it back|am going to return it].
[Could|Can] [I|we] [drop off|hand in] the return [at a shop|at the post office|in your store]?
[My parcel with|The box with] the returned {p} [arrived at your place|reached you] on {d}, [please refund|pay me back].
[I wanted|I need] a [larger|smaller|different] {p}, [please change it|so I return this one].
[It was|The {p} was] a [bad buy|wrong buy], [I want to give it back|please take it back].
[Please arrange|Please start|Please book] [a return|the return|an exchange] for [the|my] {p}.
[Is|Would] a [return|refund|swap] [be possible|possible] [after {n} weeks|without the receipt]?
[The money|The refund] should go to [my card|another account], I [returned|gave back] the {p}.
I have [packed|wrapped] the {p} [for the return|to send it back], [what now|who takes it].
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
[The {p}|It] [is not working|is out of order|has given up].
[The {p}|My {p}] [has failed|quit|gave up|stopped] [after {n} days|on {d}|all of a sudden].
[The {p}|It] [will not|does not] [start|power on|run|react] [at all|any longer].
[The {p}|My {p}] [has|shows|got] a [crack|scratch|hole|dent] [on the side|in the middle|since {d}].
[Something|A part] [inside|in] the {p} is [broken|loose|rattling].
[The {p}|It] [rattles|squeaks|hums|buzzes] [all the time|very loudly|when it runs].
[The display|The screen|The lamp] of the {p} [stays dark|is black|is cracked].
[The handle|The hinge|The foot|The plug] of [the|my] {p} [broke|snapped|came loose].
[The {p}|It] [overheats|gets hot|smokes|burns] [after {n} minutes|when I use it].
[The battery|The charger] of the {p} [does not hold|no longer charges|is broken].
[Water|Oil|Liquid] [comes|runs|drips] [out of|from] the {p}.
[The {p}|My {p}] [turns off|shuts down|cuts out] [all the time|after {n} minutes|by itself].
[I need|We need] [a repair|someone to repair|somebody to fix] [for the|the] {p}.
[Can|Could] [you|someone] [fix|mend|look at] [the|my] [broken|faulty|defective] {p}?
[What|How much] does [it cost|a repair cost] [to repair|to fix] the {p}?
[Where|To whom] do I [send|bring] the [broken|faulty|defective] {p} [for repair|to be fixed]?
[Is|Does] [this|the damage] [covered by|under|fall under] [the warranty|the guarantee]?
[How long|Until when] is [the warranty|the guarantee] [of|on] the {p} [valid|good]?
[The warranty|The guarantee] [should pay|must pay|covers it], the {p} [broke|failed] [too soon|by itself].
[The {p}|It] was [broken|defective|faulty] [from the start|out of the box|on arrival].
[The repair|The fix] of the {p} [did not help|was bad|lasted {n} days].
[The workshop|The technician|The mechanic] [has had|has] my {p} [for {n} weeks|since {d}], [is it fixed|when is it done].
[My {p}|The {p}] fell [down|on the floor] and [is broken|no longer works].
[A screw|A wheel|A knob|A button] [is missing|fell off|got lost] and the {p} [does not hold|wobbles].
[The {p}|It] [wobbles|is bent|is crooked|leans] [and a leg is loose|because a part is broken].
[The {p}|My {p}] [gives|gave] me [an electric shock|a shock|sparks].
[The fan|The motor|The engine|The pump] of the {p} [is stuck|is loud|is broken|makes noise].
[The {p}|It] [blinks|beeps|shows error {n}] and [nothing works|then stops].
[The sound|The picture|The heat] of the {p} is [gone|weak|bad], [it must be broken|please repair it].
[I want|I would like] a [repair|spare part|replacement part] for [my|the] {p}.
[Do you have|Do you sell|Can I get] [spare parts|a new part] for a [broken|damaged] {p}?
[My|The] {p} is [damaged|cracked|defective], [who can fix it|can it be repaired].
[The {p}|It] [broke down|died] [while I used it|on the first day|after a week].
[The door|The lid|The drawer] of the {p} is [broken|stuck|jammed].
[The cable|The wire|The plug] is [loose|broken|burnt] and the {p} [has no power|is dead].
[The {p}|It] [does nothing|stays cold|stays off|is dead] when I [press|push|turn] the [button|switch].
[The rubber|The seal|The belt] of the {p} is [torn|worn out|broken].
[It smells|There is a smell] [of smoke|of burning|of plastic] when the {p} [is on|runs].
[The {p}|My {p}] [needs|has to go to|must go to] [a repair|the workshop|the technician].
[There is|I found|I see] a [fault|defect|problem] in the {p}, it [stops|jams|fails] [often|again and again].
[The {p}|It] [jams|is jammed|is blocked|is stuck] and [does not move|makes noise].
[After|Since] [the repair|the fall|a storm] the {p} [does not work|is worse|stays dark].
[The {p}|It] [worked fine|was fine] until {d}, [then it broke|now it is dead].
[Please send|Can you send] a [technician|repair man|mechanic], the {p} [leaks|is broken|does not run].
[The paint|The coating|The surface] of the {p} [comes off|is peeling], is that a [defect|fault]?
[The {p}|It] has [stopped charging|stopped heating|stopped turning].
The [on button|power button|dial] [is broken|does not react], [please repair|how can it be fixed].
[My|The] {p} [tore|ripped|burst|melted] [after {n} days|when I used it].
[One side|Half] of the {p} [does not work|is dead|stays dark].
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
[I am|We are] [not able|unable] to [log in|sign in|get in].
[My login|The login|Signing in] [fails|does not work|is impossible] [since {d}|today].
[I cannot|I can no longer] [get into|open|reach|use] my [account|profile|customer page].
[The page|Your site|The app] [refuses|rejects|does not take] my [password|user name|login].
[I have|I] [forgotten|mislaid] my [password|login|user name].
[How|Where] [can|do] I [reset|renew|change] my [password|login]?
[The reset mail|The password mail|The mail with the link] [is not here|never came|ends up nowhere].
[The link|The reset link] in [the mail|your mail] [does not open|is dead|has expired].
[I get|I see] [an error|a blank page] when I [log in|sign in|register].
[My profile|My account] [was hacked|was stolen|has been hacked].
[Someone|A stranger|An unknown person] [uses|got into|has access to] my [account|profile|login].
[Please|Can you] [block|lock|freeze] my account, [somebody knows my password|it was hacked].
[Please|Can you] [unlock|unblock|open] my [account|profile|login].
[Please|Kindly] [delete|erase|remove] my [profile|account|data].
[I want|I would like] [to delete|to close|to remove] my [customer account|account|profile].
[I want|I would like] to [create|open|make] [an account|a profile|a login].
[I cannot|I am not able to] [register|sign up|create an account], the page [shows an error|says no].
[My email|My phone number|My last name] [has changed|is new], please [update it|change my account].
[How do I|Can I] [change|edit|update] my [profile|phone number|email|name]?
[The name|The email|The birthday|The phone number] in my [profile|account] is [wrong|old|misspelled].
[The security code|The login code|The code by text] [does not arrive|comes too late|is wrong].
[I lost|I changed|I sold] my phone and [cannot log in|get no codes|the login fails].
[How do I|Can I] [turn on|switch off|set up] [two step login|the login code|the login by phone]?
[I have|There are] [two profiles|two accounts|{n} accounts] [with my name|for me], [please join them|delete one].
[My wife and I|My son and I] [share|want to share] [an account|a login], is [this|that] [possible|allowed]?
[I am|I was] [logged out|thrown out|signed out] [again and again|every day|after {n} minutes].
[I did not|I never] [open|make|create] this [account|profile], [please delete it|who did].
[Your mail|A message] says [there was a login|my password changed], [but that was not me|it was not me].
[My customer number|My user name|My login name] is [unknown|not found|not valid].
[The app|Your app] [logs me out|forgets my login|does not know my account].
[The captcha|The login form|The login button] [does not load|does not work|is gone].
[How do I|Where can I] [see|find|change] the [settings|data] of my [account|profile]?
[Which|What] [data|email|name] do you have [in my profile|in my account]?
[I want|Please let me] to [download|see|get] [the data|all data] [of my account|in my profile].
[My account|My profile] [is gone|has vanished|no longer exists|was deleted].
[After|Since] [the update|the change] I [cannot log in|cannot sign in|see another profile].
[My old password|The new password] [is refused|no longer works|was not saved].
[Please send|Send me] [a new password|a reset link|my user name].
[The password|My password] [must be|has to be] [reset|changed], [I do not know it any more|how does it work].
[I see|My account shows] [the data|the orders] of [somebody else|another customer].
[Please take|Remove] my [email|number] [out of|from] your [system|list|data].
[I unsubscribed|I want to unsubscribe] from the newsletter, [my profile does not let me|where is it in my account].
[Your login|The sign in] [asks for|wants] a code that I [do not have|never got].
[I typed|I entered] the [wrong password|password] {n} times, [now it is locked|am I blocked].
[The confirmation link|The activation mail|The welcome mail] [is missing|does not work|did not arrive].
[My|Our] [access|company login|user] [was removed|is blocked|ended], [why|please open it].
[Can|How can] I [log in|sign in] [with another email|without a phone|on a new computer]?
[My email|The mail address] is [already taken|in use], says the [page|form], [but I have no account|how can that be].
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
[I want|I wish|We want] to [call off|revoke|annul|undo] [the order|my order|our order].
[Please|Kindly] [annul|revoke|call off|delete] [my order|the order|our order].
[I have decided|I decided] [not to buy|against] the {p}, [please cancel|stop the order].
[I made|It was] [a mistake|an error], [please cancel the order|I want to cancel].
[I do not want|We do not want|I no longer need] the {p}, [cancel it|please cancel|so cancel the order].
[Can|Could] [I|we] [still stop|still cancel|call off] [the order|the purchase|it]?
[Is it|Would it be] [still possible|possible] to [cancel|stop|call off] [the order|the {p}]?
[Until when|How long] can I [cancel|stop|call off] [the order|it]?
[How|Where] do I [cancel|end|stop] [the subscription|my plan|the contract]?
[I want|I would like] to [end|quit|stop|terminate] [my subscription|my plan|the contract|my membership].
[Please|Kindly] [end|terminate|stop] [my subscription|my membership|the monthly plan].
[My subscription|The plan|My membership] should [stop|end|not go on] [on {d}|next month|now].
[I do not want|Please do not] [to renew|renew] [the plan|my subscription|the contract].
[My plan|The subscription] was [renewed|prolonged] [although I cancelled|without asking], [please end it|stop it].
[I cancelled|I have cancelled|I stopped] [the order|the subscription] on {d}, [but it goes on|and you still ship it].
[Please confirm|Can you confirm|I need a mail] that [my order is cancelled|the cancellation is done|the plan has ended].
[The confirmation|A confirmation] of [my cancellation|the cancellation] [is missing|did not come].
[The order|My order] [was placed|went out] [by accident|by mistake|twice], [please cancel|cancel one].
[I ordered|I bought] [the same {p} twice|two by mistake|one too many], [cancel one|please cancel one].
[My child|My daughter|My brother] [ordered|bought] the {p} [by accident|without asking], [cancel it|please call it off].
[I found|I got] [a cheaper {p}|it cheaper|one elsewhere], [so please cancel|so I cancel].
[The delivery time|The wait] is too long, [so cancel|I want to cancel|call it off].
[If|Since] [it has not shipped|it was not packed], [please cancel it|I would like to cancel].
[Do not|Please do not] [ship|send|pack] [the order|the {p}], [I cancel it|it is cancelled].
[Hold|Stop|Halt] [the order|my order], [I want to cancel|I changed my mind].
[I changed my mind|We changed our mind|My plans changed], [cancel the {p}|please cancel the order].
[Remove|Please remove|Take] the {p} from [the order|my open order] [and keep the rest|before it ships].
[Cancel|Please cancel] [only|just] the {p}, [the rest can come|leave the others].
[Cancel|Please cancel] [everything|all|all orders] [I ordered|from {d}|at once].
[The button|The link|The page] to [cancel|end the plan] [does nothing|is gone|gives an error].
[I try|I have tried] to cancel [for {n} days|since {d}], [nothing works|no answer].
[You cancelled|The shop cancelled] my order, [why|what was the reason|I did not want that].
[My order|The order] [was|got] [cancelled|called off|deleted], [but I still want it|was that you].
[I withdraw|I step back] from [the purchase|the order|the contract].
[I use|I am using] my right to [withdraw|cancel] [within {n} days|for the {p}].
[What does it cost|Is there a fee] to [cancel|end the contract|stop the plan]?
[Nobody|No one] [answered|reacted to] my [cancellation|request to cancel].
[Please treat|Take] this [mail|message] as my cancellation [of the {p}|of the order].
[The trial|My trial] [ends|is over], [please do not start the plan|I cancel].
[I am moving|I move away], [so I cancel the plan|please end the contract].
[The booking|The pre-order|The reservation] of the {p} should be [cancelled|called off|undone].
[I want|Please help me] to [cancel|stop] [before it is sent|in time], [is it too late|can you do it].
[We cancel|I am cancelling|I hereby revoke] the [order|purchase] [of the {p}|from {d}].
[There is no need|We have no use] for the {p} any more, [cancel it|call off the order].
[Undo|Reverse] [the purchase|my order] [of today|from {d}], please.
[The event|The party|The trip] was called off, [so cancel the {p}|I no longer need the order].
[My contract|The contract] [runs|goes] until {d}, I want to [end it|quit it|stop it] [then|early].
[I clicked|I tapped] [on buy|order] [by accident|by mistake], [undo it please|please stop it].
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
[Is|Will] the {p} [be sold|for sale|be offered] [again|soon|this month]?
[Do|Will] you [get|receive|order] [more|new ones] of the {p} [soon|this month|before {d}]?
[When|How soon] [do you restock|will you restock|do you refill] the {p}?
[I cannot find|I do not see|I could not find] the {p} [in your shop|on your page|anywhere].
[The {p}|It] is [not available|unavailable|sold out|gone] [in my size|everywhere|online].
[Your page|The shop page] [lists|shows] the {p} as [sold out|unavailable|not in stock].
[Is|Are] there [any|some|still some] of the {p} [left|available|in the shop]?
[How many|What number] [are left|do you have left|are there] of the {p}?
[Do you have|Have you got|Do you stock] [the {p}|a {p}] [in red|in size {n}|in black|in wood]?
[Which|What] [sizes|colours|models] of the {p} [are available|do you sell|are in stock]?
[Do|Does] [you|the shop] [carry|stock|sell] [a smaller|a bigger|a cheaper|a lighter] {p}?
[I want|I would like|We want] to [buy|order|get] {n} [pieces|of the {p}], [is that possible|do you have enough].
[Can|Could] you [order|get|find] the {p} [for me|from another shop|from the maker]?
[Can|Could] you [set aside|hold|keep|save] [a {p}|one {p}|{n} of them] for me?
[Can|May] I [order ahead|pre-order|book] the {p} [now|before it is out]?
[Tell me|Let me know|Write me] when [you have the {p}|the {p} is back|new ones come].
[Please put|Put] me on [the list|the waiting list] for the {p}.
[Is|Was] the {p} [discontinued|taken off the market|stopped]?
[Have you stopped|Did you stop] [selling|making] the {p}?
[Why|Since when] [is the {p} not sold|do you not sell the {p}] [any more|now]?
[The last|The only] {p} [was sold|is gone], [when do you get more|will there be more].
[Is|Are] [the next delivery|new pieces] of the {p} [planned|expected] [soon|on {d}]?
[Is there|Do you have] [an alternative|something similar|a follow up model] to the {p}?
[Which|What] {p} [can I get|is available|do you have] [right now|at once|this week]?
[Does|Has] [your shop in town|the store near me|any shop] [have|got] the {p}?
[I was|I went] in [your shop|the store], but the {p} was [sold out|not there].
[Is|Will] the {p} [from the advert|from the catalogue|from your flyer] [still available|still there|be in the shop]?
[The new|The latest] {p} is [announced|advertised], [when can I buy it|when is it in the shops].
[Do you sell|Can I buy] [parts|covers|refills|a bag] for the {p}, [are they in stock|do you have any]?
[Do you sell|Can I buy] the {p} [as a pair|as a set|one by one|in bulk]?
[My size|The colour I want|The blue one] is [sold out|not available|missing], [will it come back|when is it back].
[I have waited|I am waiting] {n} weeks for the {p} to be [in stock|available|back].
[It says|The page says] [available soon|coming soon|back soon] for the {p}, [when is soon|what does it mean].
[Are you|Will you be] [getting|offering] [other colours|new models|bigger sizes] of the {p}?
[Is|Would] the {p} [available|there] in [large numbers|a quantity of {n}|other sizes]?
[I look|I am searching|I search] for a {p} [in grey|for children|for a small room], [do you have one|do you sell it].
[Before I come|Before I drive to you]: [is the {p} in the shop|do you have the {p}]?
[How often|When] [do you get|does] [new stock|new goods come] of the {p}?
[The {p}|It] [was available|was there] [yesterday|on {d}], [now it is sold out|and now it is gone].
[We need|Our school needs|My company needs] {n} of the {p}, [how many can you supply|are they in stock].
[Does|Will] the {p} [come back|return to the shop|be restocked] [this year|by {d}|at all]?
[I hoped|I wanted] to [buy|get] a {p}, [but there is none|but it is sold out].
[Will the offer|Does the sale] [include|go on for] the {p}, [and is it in stock|and how many are there]?
[Do you know|Can you say] [when|whether] the {p} [is available|will be in stock|is sold again]?
[Any chance|Is there a chance] to [get|buy] the {p} [soon|again|this week]?
[Which store|What shop] still [sells|has] the {p}?
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
[How|In which way] [do|can] I [build|put up|install|fit] the {p}?
[How|Where] do I [start|begin] [with the {p}|to set up the {p}]?
[I do not know|I am not sure] how to [use|operate|connect|assemble] the {p}.
[I do not understand|I cannot follow|I cannot read] the [manual|instructions|guide|drawing].
[The manual|The guide|The leaflet] [is missing|was not in the box|is in the wrong language].
[The instructions|The steps] [are unclear|do not help|are too short|skip a step].
[Can|Could] you [send|mail|give] me [the manual|a guide|the instructions] [for the {p}|in English]?
[Where|On which page] [is|do I find] the [manual|guide|handbook] [for the {p}|as a file]?
[Is there|Do you have] a [video|drawing|guide|picture] [for|about] [assembling|installing|using] the {p}?
[In|At] step {n} [I am stuck|I do not get on|it does not say which screw].
[Which|What] [screw|bolt|part|cable] [goes|belongs|fits] [where|into the {p}|in step {n}]?
[Some|Two|{n}] [screws|bolts|parts] are [left over|left], [where do they go|is that right].
[Do I need|Which] [a drill|special tools|tools|a helper] [do I need|] to [build|assemble|mount] the {p}?
[How|Where] do I [plug in|connect|attach|fix] the [cable|hose|antenna|strap] [of the {p}|]?
[How|Can] [do I|I] [connect|link|pair|join] the {p} [with|to] [my computer|the wifi|my tablet|my speaker]?
[The {p}|My {p}] does not [show up|appear] in the app, how do I [add|pair|connect] it?
[Which|What] [wifi|network|app|plug] does the {p} [need|use] for the [setup|first start]?
[How|Where] [do|can] I [set|change|adjust] the [clock|language|volume|height|temperature] of the {p}?
[How|Where] do I [reset|restart|switch on] the {p} [for the first time|to the first settings]?
[What|Which] [button|switch|key] [do I press|starts|must I press] [first|to start the {p}|on the {p}]?
[What|Why] does [the blinking light|the symbol|the sign|the second button] on the {p} [mean|stand for]?
[How|With what] [do|can] I [clean|wash|wipe|care for] the {p}?
[Can|May] the {p} be [washed|cleaned with soap|put in water], [what does the manual say|how is it done]?
[How often|When] [must|should] I [oil|clean|fill|empty] the {p}?
[How|Where] do I [fill|open|empty|change] the [filter|tank|bag|tray] of the {p}?
[How|Where] do I [put|insert|change] the [battery|batteries|card] [in|into] the {p}?
[How long|How] [do I charge|must I charge] the {p} [before I use it|the first time]?
[How|Can] [do I|I] [hang|fix|mount|screw] the {p} [to the wall|on the ceiling|to the floor]?
[How|Where] do I [place|put|stand] the {p} [in the room|so that it is level]?
[Does|Must] the {p} [have to|] [stand|be put] [on the floor|near a window|away from the wall]?
[Please explain|Explain to me|Tell me] [how to assemble|how to use|how to install|how to connect] the {p}.
[Please help|I need help|Can you help me] [to install|with the setup of|to connect|to build] the {p}.
[I am trying|I try] to [assemble|install|set up|connect] the {p} [for {n} hours|since {d}].
[Who|Which service] can [install|assemble|set up|build] the {p} [for me|at my home]?
[The holes|The parts|The pieces] of the {p} [do not fit|do not match], [what do I do wrong|how does it go].
[I put|I built] the {p} together, but [a part is left|it is the wrong way round], [what did I miss|which step was wrong].
[The plan|The drawing|The picture] [shows|is of] [another model|a different part], [how do I build the {p}|what now].
[Is|Should] part {n} [go|come] [left or right|on top|inside] [when I build the {p}|]?
[How do I|Can I] [fold|unfold|take down|carry] the {p} [safely|alone|again]?
[How do I|Can I] [update|install] the [program|software|app] [of|for] the {p}?
[The app|The program] [for|of] the {p} [asks|wants] [a code|a serial number], where [is it|do I find it]?
[How do I|Can I] [use|run] the {p} [outside|with another plug|without the app]?
[What|Which] [setting|mode|program] [is right|should I use|is best] for [the first use|my {p}|daily use]?
[Can|Could] a [child|beginner|single person] [set up|assemble|use] the {p}, [is it hard|how]?
[What|Which] is the [first step|next step|right order] [to build|to set up|when I assemble] the {p}?
[Are|Is] there [a trick|an easy way] to [fit|close|attach] the [lid|cover|door|wheel] of the {p}?
[How tight|How deep] [must|should] the [screws|bolts] of the {p} be?
[The setup|The installation] of the {p} [asks me|stops] [for a language|at step {n}], [what should I choose|what next].
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
[This is|What] [an insult|a scandal|pure nonsense|a joke]!
[I am|We are] [outraged|livid|angry|very upset] [with you|about your shop|about this]!
[How|Why] [is it possible|can it be] that [nothing works here|nobody cares]?!
[You people|You] [do not care|never listen|always lie] [at all|]!
[I have never been|Never was I] [so angry|treated so badly]!
[I will|I shall] [complain about you|tell everyone about this|go to the press|report you]!
[Get|Pull] yourselves together!
[What|Who] do you think you [are|are doing]?!
[I lost|I have no more|I have run out of] patience [with you|]!
[This|Your shop] is [a total failure|a nightmare|pathetic|shameful]!
[I expect|I demand|I insist on] [action now|an apology|a solution today]!
[You|Your people] are [so rude|so lazy|impossible]!
[One more day|Once more] and I [call my lawyer|am gone for good]!
[That|This] is [the last straw|too much|beyond belief]!
[I could|I want to] [scream|shout]!
[Shame on you|How rude|Incredible|Absurd|Disgusting]!
[Do|Can] you [ever|even] [do anything right|read your mail|work]?!
[I am|I have been] [angry|furious] [since this morning|for days|all week]!
[Bad|Awful|Lousy|Rotten] service [as always|again|from start to end]!
[I will not|I do not] [accept|stand for|put up with] this [any longer|]!
[Nobody|No other shop] treats [people|customers] [like this|so badly]!
[You|Your shop] [cheat|fool|insult] your customers!
[Fix this|Do something|Solve this] [now|at once|immediately] [or else|]!
[My anger|My rage] grows [by the hour|every day]!
[Zero stars|One star|The worst marks] for [you|this shop|your team]!
[Wake up|Do your job|Start working]!
[I regret|I am sorry] that I ever [bought here|found this shop]!
[It is|This is] [a cheek|an outrage|inexcusable|infuriating]!
[Never in my life|In no other shop] have I [been so mad|seen such nonsense]!
[Why|How long] [must I|do I have to] [beg|shout] [for help|before you act]?!
[What a bunch of|You are] [amateurs|liars|crooks]!
[I am losing my temper|My blood is boiling|I am beside myself]!
[Stop|Spare me] your [lies|excuses|stories]!
[Everything|All] about [this shop|your service] is [bad|awful|a mess]!
[It drives|You drive] me [mad|crazy]!
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
[I am|We are] [quite|rather|so|really] [worried|concerned|nervous|afraid] [about this|now|].
[I am|I feel] [uneasy|helpless|lost|tense] [about it|and do not know why|].
[I worry|I am worried] that [it will not work out|I lose everything|this ends badly].
[I hope|I only hope] [it is not my mistake|all will be well|it can still be saved].
[What|What on earth] [should|can|must] I do [now|]?
[Is|Can] this [still be put right|be fixed in time|normal], [I am unsure|I am afraid]?
[I have|There is] [a strange|an uneasy|a bad] feeling.
[It|This] [gives me|causes me] [sleepless nights|a headache|stress|great concern].
[I panic|I am in a panic|I am close to panic] [a little|].
[Am I|Are we] [in trouble|in danger|too late|safe]?
[I am|We are] [scared|frightened|afraid] [of losing it all|that it gets worse|for my children].
[My husband|My daughter|My father|My wife] [is afraid too|worries a lot|cannot sleep].
[I keep|I am always] [thinking|wondering] [what went wrong|whether it is safe|if I lose my money].
[Please|Could you] [reassure me|calm me|take away my fear].
[I do hope|Hopefully] [nothing is lost|nothing bad comes of it].
[My hands|My knees] shake [when I think of it|].
[I am|I was] [troubled|alarmed|startled|shaken] by this.
[Did I|Have I] [do|done] something [wrong|stupid], I [fear|worry]?
[The thought|The idea] of it [scares|frightens|worries] me.
[It could|This could|It might] [be bad|get worse|go wrong], I [worry|fear].
[I do not dare|I am afraid] to [touch it|try again|go on].
[I need|I look for] [some comfort|some certainty|peace of mind].
[With every day|Each day] I [worry more|get more nervous|am more afraid].
[I am not sure|I doubt] that [all is well|this is safe|it will be fine].
[We|My family and I] [are worried sick|fear the worst|are uneasy].
[Nervous|Worried|Anxious] [as I am|by nature], I [ask you for help|write to you].
[I cannot|I can hardly] [rest|sleep|eat] [because of this|any more|].
[It weighs|This weighs] on [me|my mind].
[I am at a loss|I feel so alone with this|I am full of doubt].
[Will|Shall] I [ever get out of this|lose my money|be all right]?
[Sorry|Forgive me], I am [a nervous person|so anxious|worried].
[What if|And if] [it is too late|nobody can help|it happens again]?
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
[Please|Kindly] [send|give] me [a reply|an answer|a note] [by mail|in the next days|].
[Thank you|Thanks] in advance.
[I would|I] [appreciate|welcome] [a reply|a short answer].
[This is|It is] not urgent.
[I am|We are] [looking forward to|waiting for] [your answer|a short reply].
[Please|Kindly] [confirm|acknowledge] [this mail|this message].
[If you need|Should you need] more [details|information], [write to me|let me know].
[Please forward|Kindly pass on] this to the right [person|desk].
[I am writing|I write] [to ask|with a question|with a request].
[Here is|This is] [my question|what I need|my case].
[You may|You can] [call me|write to me] [at any time|in the morning|].
[Please add|Please put] this to my [file|case].
[The facts are|All facts are] above.
[I have|There is] one [question|request].
[Please see|Please read] [my message|the above].
[When|As soon as] you have time, please [answer|have a look].
[Next week|Any time this week] is [fine|soon enough].
[Please advise|Please inform me].
[A reply|An answer] [in writing|this week] is [enough|fine].
[Let me know|Tell me] [what you need|how to go on|what to do next].
[Please deal|Kindly deal] with this [matter|request].
[I thank you for|Thank you for] [your time|reading].
[That would be|This is] all [for now|from my side].
[Please register|Please record] my request.
[I can|We can] wait [a few days|until next week].
[In short|To sum up]: [please check|please reply].
[Please state|Please name] the next steps.
[This message|This mail] is for [your records|the support desk].
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
[You are|Your team is] [fantastic|amazing|super|so helpful|a delight]!
[I am|We are] [delighted|thrilled|so glad|very pleased] with [you|your shop|your team]!
[Thank you|Thanks] [from the heart|a million|a thousand times|ever so much]!
[What a|Such a] [great|charming|brilliant|kind] [team|shop|service] [you have|you are|]!
[I hope|We hope] you [all have|have] a [sunny|happy|beautiful] [day|weekend|week]!
[Have|Enjoy] a [nice|sunny|relaxed] [weekend|evening|day]!
[Lots of|Many] [love|hugs|kisses|greetings] to [you all|the whole team]!
[You|Your people] [always|really] [cheer me up|make my day|help so well]!
[It is|It was] [a joy|such fun|a delight] to [deal with you|buy from you|be here]!
[I recommend|I praise] you [to everyone|to all my friends|every day]!
[Five stars|Ten out of ten|Top marks] for [you|your team|this shop]!
[You guys|You] [rock|are gold|are angels|are stars]!
[I adore|We love|I really like] your [shop|team|service|kind way]!
[As always|Once again], [thank you so much|you are great]!
[My family|My mother|My children] [loves|adores] your shop [too|]!
[Cheers|Hugs|Warm greetings] to [all of you|your lovely people]!
[So|Very] [kind|sweet|nice] of you, [thanks|many thanks]!
[Your help|Your support|Your advice] is [priceless|gold|always super]!
[I am grateful|We are grateful] for [your kindness|all you do]!
[Bravo|Well done|Wonderful|Super], [dear team|keep going|you are great]!
[May you|I hope you] [stay as you are|have lots of fun today]!
[I smile|I am smiling] [every time I write to you|as I write this]!
[With you|In your shop] I [feel at home|am always happy]!
[Thanks|Thank you] for [your patience|your kind words|the lovely card]!
[A hug|A flower|A big smile|Sunny greetings] for [you|the team]!
[Glad|Happy|Lucky] to have [you|such a nice shop]!
[The last order|The last time] was [perfect|a dream|super], [thank you|thanks a lot]!
[Great|Super|Lovely] people [work with you|you are], [thanks|thank you]!
[You have|You win] [my heart|a fan for life|all my thanks]!
[Kind people like you|Teams like yours] make [life|the world] [better|nicer]!
[Take care|Stay well|All my best], [you lovely people|dear friends]!
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
Greetings,
Hello all,
Hi team,
Dear shop,
To whom it may concern,
Dear customer service,
Hey team,
Hi everyone,
Dear friends,
Hello again,
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
[Concerning|Regarding|About] order {o}.
[The order|My order] is {o}.
[I refer|I am referring] to order {o}.
[Here is|This is] my order number: {o}.
[Reference|Subject]: {o}.
[Order number|Order id|Number] {o}.
[You find it|It is filed] under {o}.
[My purchase|The purchase] has the number {o}.
[It concerns|This concerns] {o}.
#{o}
[My order was|The order was] {o}.
(order {o})
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
[The sun|The moon] shines today.
[My cat|My rabbit] sleeps on [the sofa|my bed].
I am [in the garden|at the lake|in the office] today.
[We|My parents] go to [the sea|the hills] on {d}.
[I just had|I drink] [a cup of tea|coffee].
[My neighbour|My teacher] [has a new car|sings well].
[Yesterday|On {d}] we [went swimming|saw a film|baked bread].
[It snowed|It was windy] [all night|on {d}].
[My keyboard|My spelling] is [bad|not the best].
[I have|We have] {n} [children|cats|plants].
I [read|heard] about you in [the paper|the news].
[I am sending|I typed] this from [my phone|the bus].
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
[Kind regards|Best regards|All the best|Cheers|Thanks], {c}
Yours [truly|sincerely], {c}
[Your|A] customer {c}
Signed, {c}
[My first name|The name] is {c}.
[It is|Here is] {c}.
From {c}
---
Regards from {c}
---
Sincerely, {c}
It is {c} writing.
"""

NAMES = """
Anna Ben Clara David Emma Felix Greta Henry Ida Jonas Karin Leo Maria Nils Olga Paul Rosa Simon Tina Ulrich Vera
Walter Yara Zoe Adam Bella Carl Diana Erik Fiona Georg Hanna Ivan Julia Kevin Laura Martin Nora Oscar Petra Robert
Sara Thomas Ursula Victor Wendy Alan Brenda Colin Doris Edgar Flora Gordon Helen Iris Jack Kate Louis Molly Norman
Pamela Quinn Ruth Stefan Theo Vincent Amir Bruno Chiara Deniz Elif Farid Gina Hugo Ines Jamal Kira Luca Mina Noah
Aaron Abel Ada Agnes Aida Alba Albert Aldo Alfred Alice Alina Amanda Amelia Amos Andre Angela Anita Antonio Anton
April Arthur Astrid Aurora Axel Barbara Basil Beatrice Bernard Berta Betty Bianca Bill Boris Brian Bridget Camille
Carla Carmen Carol Caspar Cecil Celia Charles Chen Claire Claudia Conrad Cora Cyril Dagmar Dahlia Damian Daniel
Daria Dean Deborah Delia Dennis Derek Dina Dirk Dmitri Donald Dora Dorothy Douglas Dylan Ebba Eddie Edith Edmund
Edwin Eileen Elias Elmer Elsa Emil Enid Enzo Erica Ernest Esther Ethan Eugene Eva Evelyn Faith Fatima Ferdinand
Fleur Florian Floyd Frank Freya Frida Gabriel Gareth Gary George Gerald Gerda Gilbert Giulia Glenda Gloria Grace
Gregor Guido Gustav Gwen Hana Harold Harriet Hassan Hazel Hector Heidi Herbert Hilda Holly Horace Howard Hubert Ian
Ibrahim Ilse Imogen Inga Irene Irma Isaac Isabel Ivy Jacob Jakob Jana Janet Jasmin Jasper Jean Jenny Jerome Jesse
Joan Joel Johanna Josef Joyce Juan Julian June Kai Karim Karl Katrin Keiko Keith Kenneth Kim Klaus Kurt Lars
Laurence Lea Leila Leonard Leona Leroy Lewis Lila Linda Lisa Livia Lloyd Lorenz Lotte Louisa Lucas Lucy Ludwig Luis
Lydia Mabel Magnus Malik Manfred Marcel Margot Mario Mark Marlene Marta Mary Matilda Maurice Max May Melvin Mercy
Mia Michael Mildred Mira Moritz Muriel Nancy Naomi Nathan Ned Neil Nicole Nigel Nina Noel Norbert Odette Olaf
Olivia Ophelia Orla Osman Otto Owen Pablo Pascal Patrick Paula Pearl Penny Percy Phil Phoebe Pia Pierre Polly Priya
Rachel Rafael Ralph Ramona Raymond Rebecca Regina Rene Rhoda Richard Rita Roger Roland Roman Ronald Rory Rose Roy
Rudolf Rupert Russell Sabine Salma Sandra Sasha Serge Sheila Silvia Sonia Sophie Stanley Stella Steven Susan Sven
Sybil Tamara Tariq Ted Teresa Tessa Tilda Tim Toby Tom Tony Trudy Ulf Uma Una Valentin Valerie Vanessa Veronica
Viola Vivian Waldo Wanda Warren Wilma Winston Xaver Xenia Yasmin Yusuf Yvonne Zara Zelda Zoltan
---
Omar Lena Peter
---
Oliver Sofia Marcus Nadia Tobias Elena Rasmus Judith Kasper Selma
"""

PRODUCTS = """
lamp chair table kettle toaster blender heater fan radio clock camera printer keyboard monitor speaker tablet phone
watch bike helmet tent backpack suitcase sofa bed mattress desk shelf mirror carpet curtain grill mower drill saw
hammer ladder stove oven fridge freezer washer dryer vacuum iron mixer juicer scale thermos pan pot knife jacket
scarf router charger headset scooter stroller cradle puzzle drone airfryer alarm amplifier anvil apron armchair
atlas awning axe bagpipe bandage banjo barometer basin basket bathtub beaker beanbag bedsheet bell belt bench bib
binder blanket blazer blouse boiler bolt bonnet boot bottle bowl bracelet bracket brooch broom brush bucket buggy
bulb bunk cabinet cable cage calculator canoe canopy cap car_seat cardigan carrier cart carton cassette cello
chandelier checkers chess_set chest chisel chopper clamp clarinet cleaver clipboard cloak coat coaster coat_hanger
collar comb compass compressor console cooler corkscrew cot couch counter cradle_swing crate crayon crib crowbar
crutch cup cupboard cushion cutlery cymbal darts dehumidifier detector diary dice diffuser dinghy dish dishwasher
dispenser doll dollhouse doormat drawer dress dresser drum duvet easel earphone earring egg_timer eraser
espresso_machine extension_cord faucet feeder fence filter fireplace fishing_rod flag flashlight flask flute folder
food_processor football footrest fork fountain frame frisbee fryer funnel garland gate generator glasses globe
glove glue_gun goggles guitar gutter hairdryer hammock hamper handbag hanger harmonica harness harp hat
hedge_trimmer hinge hoist hoodie hook hotplate hourglass humidifier inkpad intercom jar jeans jigsaw jug kayak
keychain kite knapsack lantern laptop lawn_chair leash lectern lens letter_opener lighter lock locker loom lounger
loupe magnet mailbox mandolin map marker mask massager measuring_tape megaphone metronome microphone microscope
microwave mirror_ball mitten mobile_stand modem mop mortar mousepad mug nail_gun napkin necklace net night_light
notebook nutcracker oar organ ottoman padlock paddle paintbrush pajamas palette parasol parka pedal pen pencil
pendulum pepper_mill perfume periscope piano pillow pipe pitchfork planter plate pliers plough plug poncho pool
poster pouch press projector pruner pulley pump puppet purse pushchair quilt racket rack raft rake ramp razor
recorder reel remote ring robe rocket roller rope rucksack rug ruler saddle sandal sander sandbox sauna saxophone
scanner scissors scoop screen screwdriver seesaw shaker shaver shears shield shirt shoe shovel shower shredder
sieve sink skateboard skewer ski skillet skirt slate sled sleeping_bag slide slipper smoker snorkel snowboard
soap_dish sock spade spanner spatula spinner sponge spoon sprinkler stapler statue steamer stencil stepladder
stereo stool strainer strap sundial sunglasses surfboard sweater swing switchboard syringe tambourine tank tap tarp
teapot telescope tennis_ball thermometer thermostat thimble tie tiller timer tire toaster_oven toothbrush torch
towel toy_train tractor trailer trampoline tray treadmill tricycle tripod trolley trombone trophy trousers trowel
trumpet tuner turntable tweezers typewriter ukulele umbrella urn valve vase ventilator vest video_camera
vineyard_press violin vise wagon wallet wardrobe waterbed webcam wheel wheelbarrow whisk whistle wig windmill
window_blind wok wrench xylophone yoyo zipper
---
bookcase doorbell toolbox
---
rice_cooker floor_lamp coffee_maker garden_hose sewing_box desk_fan bread_knife table_clock waffle_iron rain_barrel
"""

ADJECTIVES = "red blue green black white grey small large new old wooden steel"
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"
