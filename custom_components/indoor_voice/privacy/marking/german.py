"""The German vocabulary."""

from typing import Final

from .vocabulary import Vocabulary

_UNITS: Final = ("null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun")
_TEENS: Final = (
    "zehn",
    "elf",
    "zwölf",
    "dreizehn",
    "vierzehn",
    "fünfzehn",
    "sechzehn",
    "siebzehn",
    "achtzehn",
    "neunzehn",
)
_TENS: Final = (
    "zwanzig",
    "dreißig",
    "vierzig",
    "fünfzig",
    "sechzig",
    "siebzig",
    "achtzig",
    "neunzig",
)
_JOINED: Final = ("ein", *_UNITS[2:])
_PARENT: Final = "mama|mami|mutti|papa|papi|vati|oma|opa"
_IS: Final = r"(?:ist|war|lautet|heißt|heisst|:)"

GERMAN: Final = Vocabulary(
    small={
        **{word: number for number, word in enumerate((*_UNITS, *_TEENS))},
        **{word: 10 * number for number, word in enumerate(_TENS, 2)},
        **{
            f"{unit}und{tens}": 10 * ten + one
            for ten, tens in enumerate(_TENS, 2)
            for one, unit in enumerate(_JOINED, 1)
        },
        **{f"zwound{tens}": 10 * ten + 2 for ten, tens in enumerate(_TENS, 2)},
        "zwo": 2,
        "dreissig": 30,
    },
    units_follow_tens=False,
    scales={"hundert": 100, "tausend": 1000},
    compounds=True,
    zero_inside=frozenset(),
    repeats={"doppel": 2, "doppelt": 2, "zweimal": 2, "dreimal": 3},
    keys={"stern": "*", "sternchen": "*", "raute": "#"},
    between=frozenset({"strich", "bindestrich", "schrägstrich", "punkt", "dann", "äh", "und"}),
    units=(
        r"sekunden?|minuten?|stunden?|tagen?|tage|wochen?|monaten?|monate|jahren?|jahre|uhr",
        r"prozent|grad|kelvin|ampere|watt|volt|kilowatt(?:stunden?)?|lux|euro|dollar|cent",
        r"franken|yen|kilometern?|metern?|zentimetern?|km|cm|kilo(?:gramm)?|gramm|litern?",
        r"kalorien|schritte|mal|leute|eier|lieder|stück|packung(?:en)?|punkte?",
    ),
    counted=(
        r"kanal|zimmer|seite|kapitel|folge|staffel|lied|titel|stufe|szene|zone|bus|linie|flug",
        r"zug|ice|januar|februar|märz|april|mai|juni|juli|august|september|oktober|november",
        r"dezember|lautstärke|nummer|version|jahr|seit|fehlercode|fehler|android|windows",
    ),
    arithmetic=(r"mal|plus|minus|geteilt durch|durch|hoch|wurzel aus|prozent von",),
    times=(r"um|für|bis|ab|gegen|vor|nach|auf",),
    states=(r"ist|sind|lautet|war|heißt|noch|:",),
    ordinary=(
        r"fehlercodes?|quellcodes?|qr-?codes?|strichcodes?|morsecodes?|farbcodes?|dresscodes?",
        r"(?:geburtstags|speicher|spiel|land|wander|post|glückwunsch|fahr|sim|see)-?karten?",
        r"karten hat|karte mit dem|karte von|auf der karte zeigen|zeig (?:mir )?die karte",
        r"horoskop für krebs|sternzeichen krebs",
    ),
    titles=(r"(?:bitte )?(?:spiele?|schau|hör(?! auf)|streame?|wiedergeben)",),
    card=(
        r"(?:kredit|bank|giro|ec-?|debit|maestro)-?karten?(?:nummer)?|visa(?:karte)?",
        r"master ?card|american express|amex|karten?(?:nummer)?",
    ),
    account=(
        r"konto(?:nummer)?|kontodaten|iban|bic|bankleitzahl|blz|depot(?:nummer)?",
        (
            r"(?:steuer|versicherten|versicherungs|sozialversicherungs|renten\w*"
            r"|krankenkassen|kunden|mitglieds|personalausweis\w*|ausweis|reisepass|pass"
            r"|führerschein\w*|patienten|policen?)-?(?:nummer|id|identifikationsnummer)"
        ),
        r"überweise?n?|\w+(?<!haus)(?<!zimmer)nummer|aktenzeichen|kennzeichen",
    ),
    code=(
        r"pin|pins|\w*-?pin|pin-?code|pin-?nummer|tan|otp|\w*codes?|geheimzahl|geheimnummer",
        r"(?:\w+-)?(?:pass|kenn)w(?:ort|örter)|zahlen-?kombination|kombination|prüfziffer|cvv",
        r"mailbox",
    ),
    openers=(
        r"entsperr\w*|alarmanlage|alarm|tresor|safe|\w*schloss|unscharf|entschärf\w*",
        r"schlüsselbox|(?:rein|hinein) kommt|tor geht|hat die bank geschickt",
    ),
    passwords=(
        (
            r"(?:\w+-)?(?:pass|kenn)w(?:ort|örter)(?: (?:für|von|zum|vom) (?:\w+"
            rf" ){{0,3}}?\w+)? ?{_IS}(?! (?:\w+ )?(?:falsch|richtig|nötig|abgelaufen"
            r"|vergessen|sicher|geändert) *(?:[.!?]|$))(?! (?:nicht|zu)(?!\w))"
        ),
    ),
    chosen=(
        (
            r"(?:nimm|nutze|verwende|setze?) (?P<secret>[^.!?]{3,60}?) als(?: neues| mein|"
            r" unser)* (?:pass|kenn)wort"
        ),
    ),
    health=(
        r"insulin|antidepressiv(?:um|a)|antibiotik(?:um|a)|chemo(?:therapie)?|strahlentherapie",
        (
            r"(?!april)\w{2,}(?:cillin|zillin|mycin|cyclin|floxacin|azol|statin|sartan|pril"
            r"|olol|dipin)"
        ),
        r"\w{2,}(?:oxetin|opram|tralin|zepam|zolam|profen|formin|solon|parin|glutid|prazol)",
        r"paracetamol|aspirin|methadon|morphium|viagra|ritalin|cortison|schmerzmittel|ozempic",
        r"imodium|abführmittel|schlafmittel|beruhigungsmittel|blutverdünner|betablocker",
        r"nebenwirkung(?:en)?|dosis|überdosis|medikamente?n?|arznei\w*|\w*tabletten?|die pille",
        r"pille danach|brustschmerzen|blut(?:druck|zucker|test|abnahme|werte)\w*|cholesterin",
        r"herz(?:infarkt|schwäche|klappe|rasen|op)|schwanger|schwangerschaft\w*|fehlgeburt",
        r"abtreibung|verhütung\w*|meine (?:periode|regel)|wechseljahre|unfruchtbar|zyklus",
        r"(?:frauen|haut|augen|haus|kinder|nerven|lungen)(?:arzt|ärztin)|hebamme|chirurg\w*",
        r"(?:gynäk|ur|onk|kardi|neur|dermat|gastroenter|rheumat|endokrin|prokt)olog\w*",
        r"psychiat\w+|psycholog\w+|psychotherap\w+|psychose|therapeut(?:in)?|physio\w*",
        r"ultraschall|röntgen\w*|mrt|darmspiegelung|magenspiegelung|operation|meine op|impf\w+",
        r"wunde|verband wechseln|infektion|entzünd\w+|urin|stuhlprobe|schilddrüse",
        r"nierenstein\w*|depress\w+|angststörung|panikattacke\w*|selbstmord|suizid\w*",
        r"magersucht|bulimie|adhs|autis\w+|demenz|alzheimer|parkinson|epilep\w+|schlaganfall",
        r"migräne|gehirnerschütterung|biopsie|tumor\w*|krebs|\w*krebs|leukämie|metastasen",
        r"knoten in|zyste|gutartig|bösartig|hämorrhoiden\w*|chlamydien|tripper|syphilis|herpes",
        r"hiv|hepatitis|tuberkulose|diabet\w+|\w{3,}(?:itis|ämie|algie)|thrombose",
        r"lungenembolie|lungenentzündung|leistenbruch|gebrochen|zuckerkrank|asthma|inhalator",
        r"inkontinen\w+|durchfall|verstopfung|übergeben|erbrechen|erbrochen|schwindel|übelkeit",
        r"ausschlag|neurodermitis|ansteckend|windeln für erwachsene",
        r"(?:habe?|hat|hatte) (?:hohes )?(?:fieber|corona|covid|grippe)|diagnose|symptome?",
        r"alkoholiker(?:in)?|entzug|rückfällig|rückfall|(?:tagen|wochen) trocken",
    ),
    distress=(
        r"hilf mir,? (?:bitte|er|sie|jemand|papa|mama)",
        r"bitte,? (?:bitte )?hilf (?:mir|uns)(?= *[.!]| *$| doch)|(?:hilfe|helft) (?:mir|uns)",
        r"zu hilfe|hilfe,? (?:es|er|sie|ich|jemand|feuer)",
        r"(?:brauche|brauchen) (?:sofort |dringend )?hilfe(?: *[.!,]| *$)",
        r"(?:kriege?|bekomme?) keine luft|atmet nicht|erstick\w*|verschluckt",
        r"hör auf,? (?:mich|uns|sie|ihn|mama|papa)",
        r"(?:schlag|hau|töte?|tritt) (?:mich|uns) nicht",
        r"(?:tust|tut|tun) (?:mir|uns|ihr|ihm) (?:so )?weh|(?:mir|uns) (?:weh ?getan)",
        r"spüre meine \w+ nicht|überall ist rauch|tu (?:mir|uns) nicht(?:s)? weh|tu mir nichts",
        r"(?:schlägt|schlagt|haut|würgt|bedroht|verfolgt) (?:mich|uns|sie|ihn|mama|papa)",
        r"hat (?:mich|uns|mama) geschlagen|machst mir (?:so )?angst|bitte nicht(?= *[,.!]| *$)",
        r"lass(?:t)? mich (?:los|in ruhe|raus|gehen)|(?:fass|rühr)(?:t)? mich nicht an",
        r"geh weg von mir|lässt mich nicht (?:raus|gehen|weg)|geh (?:raus )?aus meinem zimmer",
        r"sperr(?:t)? mich nicht ein|eingesperrt",
        (
            r"ruf\w*(?: \w+)? (?:einen |den |die )?(?:notarzt|krankenwagen|rettungsdienst"
            r"|rettungswagen|polizei|feuerwehr|notruf)"
        ),
        (
            r"(?:wähle?|ruf\w*)(?: (?:bitte|die|schnell))? (?:112|110|eins eins zwei|eins"
            r" eins null|eins zwölf)"
        ),
        r"(?:hat|mit) (?:ein messer|einer? (?:pistole|waffe)|einem messer)",
        r"(?:will|möchte) (?:nicht mehr leben|sterben|tot sein)|bringe? mich um|umbringen",
        r"mich töten|niemand würde mich vermissen|kann nicht mehr(?= *[,.!]| *$)",
        r"ohne mich besser dran|(?:ritze?|schneide?) mich|jemand (?:ist )?im haus|einbrecher",
        r"bricht (?:jemand )?ein|alle (?:tabletten|pillen) (?:genommen|geschluckt)",
        (
            rf"(?:{_PARENT}),? (?:ich hab(?:e)? angst|bitte hör auf|hör auf|wach auf|nicht"
            r"|es tut weh|nein|bitte nicht|wo bist du)"
        ),
        (
            rf"(?:{_PARENT}|er|sie|ich|mann|frau)(?: ist| bin)? (?:gestürzt|hingefallen"
            r"|bewusstlos|ohnmächtig|umgekippt|zusammengebrochen)"
        ),
        rf"(?:{_PARENT}|er|sie) (?:liegt am boden|liegt auf dem boden|bewegt sich nicht)",
        r"wacht nicht (?:mehr )?auf|reagiert nicht|steh(?:e|t)? nicht mehr auf",
        r"kann nicht aufstehen|ich blute|blutet (?:stark|sehr)|so viel blut|überall blut",
        r"ertrink\w*",
        r"ich hab(?:e)? (?:so |solche )?angst(?! vor (?:spinnen|der dunkelheit|dem dunkeln))",
        r"es brennt|(?:haus|küche|zimmer|vorhang|bett|sofa|ofen) brennt",
        r"riecht nach (?:gas|rauch)|vergewaltig\w*|missbrauch\w*|entführ\w*",
    ),
    cries=(r"hilf mir|hilfe!|hilfe,? hilfe(?:,? hilfe)*|helft mir",),
)
