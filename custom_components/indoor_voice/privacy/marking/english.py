"""The English vocabulary."""

from typing import Final

from .vocabulary import Vocabulary

_UNITS: Final = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS: Final = (
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
)
_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_PARENT: Final = "mom|mommy|mum|mummy|mama|dad|daddy|papa|grandma|grandpa"
_NUMBER: Final = "(?:number|numbers|no|id|details)(?:'s)?"

ENGLISH: Final = Vocabulary(
    small={
        **{word: number for number, word in enumerate((*_UNITS, *_TEENS))},
        **{word: 10 * number for number, word in enumerate(_TENS, 2)},
        "fourty": 40,
        "niner": 9,
    },
    units_follow_tens=True,
    scales={"hundred": 100, "thousand": 1000, "million": 1_000_000},
    compounds=False,
    zero_inside=frozenset({"oh", "o", "nought", "naught", "nil"}),
    repeats={"double": 2, "triple": 3, "treble": 3, "quadruple": 4},
    keys={"star": "*", "asterisk": "*", "hash": "#", "pound": "#"},
    between=frozenset(
        {"dash", "hyphen", "slash", "space", "dot", "then", "uh", "um", "and", "next"}
    ),
    units=(
        r"(?:seconds?|minutes?|mins?|hours?|days?|weeks?|months?|years?)(?: old| long)?",
        r"percent|per cent|degrees?|kelvin|celsius|fahrenheit|amps?|watts?|volts?|lux",
        r"kilowatts?|kilowatt hours?|k?wh|hertz|megahertz|fm|am|pm|a\.m|p\.m|o'?clock|dollars?",
        r"euros?|pounds? of|cents?|yen|bucks|quid|francs?|kronor|kilometers?|kilometres?",
        r"miles?|meters?|metres?|feet|foot|inch(?:es)?|yards?|centimeters?|millimeters?|km|cm",
        r"mm|grams?|kilos?|kilograms?|kg|ounces?|liters?|litres?|cups?|spoons?|calories|steps",
        r"times|people|pieces?|packs?|eggs?|songs?|screws|envelopes|batter(?:y|ies)|bottles?",
        r"cans?|rooms?|lights?|lamps?|timers?|points?|ml|gb|mb",
    ),
    counted=(
        r"channel|rooms?|pages?|chapter|episode|season|track|speed|scene|zones?|bus|line",
        r"flight|train|volume|factor|symphony no|no|level|socket|plug|hdmi|version|step|verse",
        r"gate number|year|january|february|march|april|may|june|july|august|september|october",
        r"november|december|\d+(?:st|nd|rd|th)|since|kelvin|temperature|android|windows|route",
        r"highway|interstate|error|error code",
    ),
    arithmetic=(
        r"times|plus|minus|divided by|multiplied by|over|squared|cubed|to the power of",
        r"square root of|percent of|root of",
    ),
    times=(r"at|for|by|until|from|till|before|after|around",),
    states=(r"is|it's|\w+'s|are|was|ends? (?:in|with)|still|:",),
    ordinary=(
        (
            r"(?:error|area|zip|postal|post|country|dress|source|colou?r|bar|qr|morse|promo"
            r"|discount) codes?"
        ),
        r"code ?name|codes? for a|write code|da vinci code|bobby pins?|clothes ?pins?",
        r"rolling pins?|pin (?:a|the|this|that|light)",
        r"(?:memory|birthday|playing|sim|sd|greeting|post|gift|wild|graphics) ?cards?",
        r"decks? of cards|cards are in|card with|show the card|account (?:office|manager)",
        r"user accounts?|on account of|takes? into account|medicine cabinet|blood orange",
        r"bathroom scale|tropic of cancer|horoscope for cancer|cancer horoscope|massage chair",
        r"first aid light|safe to|is it safe",
    ),
    titles=(
        r"(?:please )?(?:play|watch|listen to|put on|queue|stream|resume|what's on)",
        (
            r"(?:please )?(?:turn on|turn off|switch on|switch off) (?:the )?[\w ]{1,30}? "
            r"(?:lamp|light|lights|tv|chair|fan)"
        ),
    ),
    card=(
        r"(?:credit|debit|bank|charge|atm|ec)[ -]?cards?(?:'s)?|visa|master ?card(?:'s)?|amex",
        r"american express|diners club|maestro|discover card",
        rf"cards?(?:'s)?(?: {_NUMBER})?",
    ),
    account=(
        r"(?:bank |savings |checking |current )?accounts?(?:'s)?(?: number)?(?:'s)?|iban",
        r"b\.?i\.?c\.?|swift|sort code|routing(?: number)?(?:'s)?|bank details",
        r"social security(?: number)?|ssn|(?:her|his|my|the|their) social|national insurance",
        (
            r"(?:passport|licen[cs]e|medicare|medicaid|nhs|insurance|policy|customer|member"
            r"|tax|membership|student|employee|patient|identity|id card|national|reference"
            rf"|registration|serial|contract|booking|phone|driver|aba|ni) (?:policy )?{_NUMBER}"
        ),
        r"licen[cs]e plate|registration|frequent flyer|policy|reference|banking",
    ),
    code=(
        r"pins?(?:'s)?|pin ?codes?(?:'s)?|pin numbers?|codes?(?:'s)?|passcodes?(?:'s)?",
        r"pass ?words?(?:'s)?|keycodes?|passphrases?|combinations?(?:'s)?|cvv|cvc|c ?v ?v|otp",
        r"two[- ]factor|wi-?fi key|digits on the back|back of (?:the|my) card|security number",
        r"on the back|lock ?box|log ?ins?|voice ?mail",
    ),
    openers=(
        r"disarm(?:ed|ing)?|arm the|unlock(?:s|ed|ing)?|(?:open )?the safe|keypad|alarm",
        r"padlock|bike lock|locker|to get in|gate|get into|let (?:me|them|him|her|yourself) in",
    ),
    passwords=(
        (
            r"pass ?(?:words?|phrases?|code)(?: (?:for|to|of|on) (?:\w+ ){0,3}?\w+)?(?:'s|"
            r" is| was| are|:| will be| should be| to)(?! (?:\w+ )?(?:required|wrong"
            r"|correct|incorrect|needed|expired|forgotten|safe|secure|missing|changed) *"
            r"(?:[.!?]|$))(?! (?:not|too|unlock|open|the)(?!\w))"
        ),
        r"(?:wi-?fi key|log ?in)(?:'s| is| was|:)",
    ),
    chosen=(
        (
            r"(?:use|set|take|make) (?P<secret>[^.!?]{3,60}?) (?:as|for) (?:the|my|our|a)"
            r"(?: new)? pass(?:words?|code|phrase)"
        ),
    ),
    health=(
        r"insulin|antidepressants?|antibiotics?|chemo(?:therapy)?|radiotherapy|dialysis|ivf",
        r"(?!april)\w{2,}(?:cillin|mycin|cycline|floxacin|azole|statin|sartan|pril|olol|dipine)",
        r"\w{2,}(?:prazole|triptan|oxetine|opram|traline|zepam|zolam|barbital|codone|profen)",
        r"\w{2,}(?:formin|gliptin|gliflozin|glutide|parin|cortisone|solone|caine|terol)|prozac",
        r"xanax|valium|ritalin|adderall|concerta|lexapro|zoloft|ozempic|wegovy|imodium|advil",
        r"aleve|tylenol|ventolin|lipitor|humira|suboxone|methadone|morphine|viagra|cialis",
        r"paracetamol|aspirin|acetaminophen|melatonin|folic acid|injections?|fertility",
        r"statins?|steroids?|opioids?|lithium|plan b|laxatives?|painkillers?|sleeping pills?",
        r"sedatives?|antihistamines?|beta blockers?|blood thinners?|side effects?",
        r"(?:the )?(?:right )?dose of|overdosed?|chest pains?",
        r"blood (?:pressure|sugar|test|clots?|work|draw|results?|in my)|glucose|cholesterol",
        r"heart (?:attack|failure|medication|surgery|condition)|my (?:pulse|heart rate)",
        r"pregnan(?:t|cy)|miscarriages?|abortions?|contracepti(?:on|ves?)|birth control",
        r"ovulat\w+|my period|menstrua\w+|cramps|spotting|menopause|infertil\w+|sperm count",
        r"pap smear",
        (
            r"(?:cardi|neur|dermat|gyn(?:a)?ec|ur|onc|hemat|haemat|endocrin|gastroenter"
            r"|pulmon|rheumat|nephr|proct|path)olog(?:y|ists?)"
        ),
        r"p(?:a)?ediatricians?|obstetricians?|midwi(?:fe|ves)|psychiatr\w+",
        r"psycho(?:logists?|therap\w+|sis|tic)|therapists?|physio\w*|surgeons?|surger(?:y|ies)",
        r"transplants?|mri|ct scan|x-?rays?|ultrasound|endoscopy|stitches|wounds?|bandages?",
        r"infect(?:ed|ions?)|urine|stool sample|vaccin\w+|flu shot|thyroid|kidney stones?",
        r"depress(?:ed|ion)|anxiety|panic attacks?|bipolar|schizophreni[ac]|suicid(?:e|al)",
        r"eating disorder|anorexi[ac]|bulimi[ac]|adhd|autis(?:m|tic)|dementia|alzheimer'?s?",
        r"parkinson'?s?|epilep(?:sy|tic)|seizures?|stroke|multiple sclerosis|migraines?",
        r"concussion|biops(?:y|ies)|tumou?rs?|cancer|metastas[ie]s|a lump|mammogram",
        r"\w+carcinoma|\w*lymphoma|melanoma|cyst|benign|malignant|h(?:a)?emorrhoids?|chlamydia",
        r"gonorrh(?:o)?ea|syphilis|herpes|hiv|aids test|std|sti|tuberculosis|diabet(?:es|ic)",
        r"asthma|inhalers?|epipen|eczema|psoriasis|gout|ulcers?|mono",
        r"(?!academia|bohemia)\w{3,}(?:emia|itis|ectomy|oscopy|algia)|\w+(?:rrhea|rrhoea)",
        r"thrombosis|cirrhosis|sepsis|pneumonia|embolism|hernia|fractures?|fractured|sprained",
        r"(?:in)?continen(?:t|ce)|constipat(?:ed|ion)|vomit(?:ed|ing)?|nausea|nauseous|dizzy",
        r"throw(?:ing|n)? up|threw up|adult diapers|catheter|faint(?:ed|ing)|hallucinat\w+",
        r"broke(?:n)? (?:my|his|her) (?:arm|leg|rib|ribs|hip|wrist|ankle|foot)",
        r"(?:has|have|having|had|got|running) (?:a |the )?(?:high )?(?:fever|flu|covid|rash)",
        r"diagnos(?:ed|is)|prescriptions?|medications?|meds|medicines?|symptoms?|contagious",
        r"(?:take|taking|took|forgot) (?:\w+ ){0,2}(?:pills?|tablets?|drops)|the pill|pills",
        r"alcoholics?|drug test|withdrawal|relapsed?|without a drink|sober|rehab|aa meeting",
    ),
    distress=(
        r"(?:some(?:body|one)|anyone|anybody)(?: please)? help(?: me| us)?|somebody,? anybody",
        r"help (?:me|us),? (?:please|he|she|they|somebody|someone|daddy|mommy|i'm|i am|i can't)",
        r"help,? (?:there's|there is|he|she|my|i'm|i am|i can't|fire|somebody|someone|police)",
        r"please help,? (?:my|he|she|there|i)|please,? (?:please,? )?help me(?= *[,.!]| *$)",
        r"please,? (?:some(?:body|one)),? help|can't feel my|smoke everywhere",
        r"(?:i|we) need help(?: *[,.!]| *$| now| please)",
        r"(?:can't|cannot|can not|couldn't) breathe|not breathing|stopped breathing",
        r"chok(?:es|ing)",
        (
            r"(?:stop|quit) (?:hitting|hurting|beating|touching|choking|kicking|yelling at"
            r"|shouting at) (?:me|us|him|her|mom|mommy)"
        ),
        (
            r"(?:he|she|they|you|daddy|dad|mommy|mom)(?: is|'s|'re| are)?(?: just)? (?:hit"
            r"|hits|hitting|beat|beats|beating|hurt|hurts|hurting|choked|strangl\w+|push\w+"
            r"|threaten\w+|kick\w+) (?:me|us|her|him|mom|mommy|my)"
        ),
        (
            r"(?:dad|mom|father|mother|brother|uncle|boyfriend|husband|wife|stepdad)(?: is"
            r"|'s)? (?:hit|hits|hitting|beat|beats|beating|hurt|hurts|hurting)"
        ),
        r"(?:you're|you are) (?:hurting|scaring|frightening)",
        r"(?:don't|do not)(?: \w+)? hurt (?:me|us|him|her|mom\w*|dad\w*)",
        r"(?:don't|do not) (?:hit|beat|kill|shoot|touch) (?:me|us|him|her)",
        r"(?:please,? don't|don't,? please)(?: *[.!,]| *$)|stay away from (?:me|us)",
        r"(?:don't|do not) lock me (?:in|up)",
        r"(?:locked|trapped|shut) (?:me |us )?in (?:the|my|a|here)",
        r"let me (?:go|out)(?:,? please|(?= *[.!,]? *$))|won't let (?:me|us) (?:go|leave|out)",
        r"leave me alone|get (?:off|away from) me|get your hands off|get out of my room",
        (
            r"(?:call|dial|phone|ring)(?: please)? (?:911|9-1-1|nine (?:one one|eleven)|999"
            r"|112|triple nine|one one two|nine nine nine)"
        ),
        r"(?:call|get|need|send)(?: me)? (?:an? )?(?:ambulance|paramedics?)",
        r"(?:call|get|need|send)(?: me)? (?:the )?(?:police|cops|fire department|fire brigade)",
        r"(?:has|have|got|with) a (?:knife|gun)|going to (?:kill|hurt|shoot|hit)|stabbed",
        r"been shot|(?:want|going|wanna|gonna) (?:to )?(?:die|kill (?:myself|me|him|her|you))",
        r"kill myself|(?:don't|do not) want to (?:live|be here|be alive|wake up)|end my life",
        r"hurt myself|end it all|better off (?:dead|without me)|miss me if|nobody would miss",
        r"can't go on|can't take (?:it|this) any ?more|no reason to live|goodbye forever",
        r"cut(?:ting)? myself(?: on purpose| again)|self[- ]harm|took (?:all|too many)",
        r"swallowed (?:all|bleach|pills)",
        (
            r"(?:some(?:body|one)|a stranger|a man|burglars?)(?: is|'s)? (?:in|breaking"
            r" into|inside) (?:the|our|my) (?:house|home|apartment|flat|room|bedroom)"
        ),
        r"break(?:ing)? in(?=[.!]|$)|broke into (?:the|our)|following me|stalking me",
        (
            rf"(?:{_PARENT}),? (?:please,? )?(?:i'm (?:scared|afraid)|stop(?: it)?|wake up"
            r"|don't|it hurts|no(?=[ .,!]|$)|where are you|come back)"
        ),
        (
            rf"(?:{_PARENT}|he|she)(?: is|'s) (?:lying|not moving|unconscious|passed out"
            r"|bleeding|dead)"
        ),
        rf"(?:{_PARENT}|he|she|i)(?: has| have)? (?:fell|fallen)(?: down)?(?!\w)(?! asleep)",
        r"i'?ve fallen|collapsed|passed out|unconscious|not responding|unresponsive",
        r"turning blue|(?:isn't|is not|not|won't) (?:waking|wake) up",
        r"having a (?:seizure|heart attack|stroke)|can't get up|can't move",
        r"(?:i'm|i am|he's|she's) bleeding|bleeding (?:a lot|badly)",
        r"(?:so much|losing|lots of) blood|blood everywhere|drown(?:ing|ed)|that hurts",
        r"it hurts|you hurt me|ou?w+,? ou?w+|ouch,? (?:don't|stop)",
        r"i'm (?:so |really )?(?:scared|afraid)(?! of (?:the dark|spiders|heights))",
        r"(?:don't|do not) feel safe|not safe (?:here|at home)|afraid of (?:him|her|my|you)",
        r"(?:house|kitchen|room|curtains?|oven|bed|sofa|stove) (?:is|are) (?:on fire|burning)",
        r"there's a fire|there is a fire|caught fire|smell (?:smoke|gas)|full of smoke|raped?",
        r"molest(?:ed|ing)?|abus(?:ed|ing|es) (?:me|us|her|him)|kidnapp?(?:ed|ing)?",
        r"touch(?:ed|es|ing)? me (?:there|down there)",
    ),
    cries=(r"(?:please,? )?help(?: me| us)(?:,? please)?|help,? help(?:,? help)*|sos",),
)
