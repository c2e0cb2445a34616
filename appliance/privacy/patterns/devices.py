"""Serial numbers of devices, and the names and keys of wireless networks."""

from appliance.privacy.label import LINK, MARK, PREFIXED, START, VERB, anyone, named
from appliance.privacy.pattern import Pattern
from appliance.privacy.serials import is_chassis_serial, is_hex_serial, is_serial
from appliance.privacy.words import is_mixed, is_secret, is_told

VENDORS = (
    "HWTC|HWHW|ZTEG|ZTEX|ALCL|ALLU|NOKA|NOKG|FHTT|UBNT|CIGG|CIOT|CXNK|ADTN|DSNW|DZNT|ZNTS|ZHNT|SKYW|RTKG|RLTK|TPLG"
    "|TPLN|DLNK|ISKT|KMMT"
    "|SCOM|SERC|ARRS|ASKY|SMBS|SGMC|SAGM|TMBB|TCLN|TNCG|ZYXE|ZYWN|BDCM|BRCM|ELTX|YHTC|VSOL|PTIN|MSTC|GPON|GNXS|HUMX"
    "|INTL|LQDE|MKTK"
    "|AVMG|NETG|MNTS|OEMT|XPON|OPTN|CDTC|CDAT|BLNK|FIBR|NBEL|ICTR|TELL|EACH|PCOM|LEOX|NOLL|SUMI|MITS|FJTS|JNPR|COMR"
    "|GCOM|HLTN|YOTC"
)
_SERIAL = r"(?:\+[0-9]{1,6}\+|\b)[A-Za-z0-9][A-Za-z0-9/.+-]{3,31}\b"

SERIALS = (
    Pattern(
        type="SERIAL_NUMBER",
        name="devices.ont",
        regex=rf"\b(?i:{VENDORS})[-: ]?[0-9A-Fa-f]{{8}}\b",
        hint=r"\b[A-Za-z]{4}[-: ]?[0-9A-Fa-f]{8}\b",
        score=0.95,
    ),
    Pattern(
        type="SERIAL_NUMBER",
        name="devices.ont_any_vendor",
        regex=r"\b[A-Z]{4}-?(?:[0-9][0-9A-F]{7}|[A-F][0-9][0-9A-F]{6}|[A-F]{2}[0-9][0-9A-F]{5})\b",
        score=0.55,
        context=("onu", "ont", "gpon", "sn", "serial", "ploam", "pon", "olt"),
        lifted=0.9,
    ),
    Pattern(
        type="SERIAL_NUMBER",
        name="devices.ont_hex",
        regex=r"\b(?:0x)?(?:4[1-9A-Fa-f]|5[0-9Aa]){4}[0-9A-Fa-f]{8}\b",
        score=0.6,
        context=("onu", "ont", "gpon", "sn", "sn-auth", "serial", "ploam", "pon", "olt"),
        lifted=0.9,
        check=is_hex_serial,
    ),
    Pattern(
        type="SERIAL_NUMBER",
        name="devices.serial_named",
        regex=named(
            anyone(r"""
                serial ?(?:number|num|nbr|no|nr|id|code), serial, ser(?:ial)?\.? ?no, s/n, s\.n\.?, n/s, sn,
                serialnum, serialno, hw serial, processor board id, chassis id, service tag, product serial,
                sn auth, onu ?id ?sn, [a-zäöü]{0,16}serien ?(?:nummer|nr), stb id, smart ?card(?: no)?, decoder id,
                (?:cm|ont|onu|gpon|pon|modem|router|device) ?sn, sernum, snr, ger(?:ä|ae)te ?nummer,
                num[ée]ro de s[ée]rie, n[°º]\.? (?:de )?s[ée]rie, n[úu]mero de s[ée]rie, n(?:úm)?\. ?(?:de )?serie,
                numero (?:di )?serie, matricola, num\. seriale, seriale, serie ?nummer, serie ?nr, numer seryjny,
                nr seryjny, num[ée]ro serie
            """),
            _SERIAL,
            start=PREFIXED,
            link=rf"(?:[ _-]?(?i:number|num|no|nr)\b\.?)?{LINK}",
        ),
        score=0.9,
        check=is_serial,
    ),
    Pattern(
        type="SERIAL_NUMBER",
        name="devices.chassis",
        regex=r"\b(?:[A-Z]{3}[0-9]{4}[0-9A-Z]{4}|[A-Z]{2}[0-9]{10}|[0-9]{4}[A-Z][0-9A-F]{2}[0-9]{5})\b",
        score=0.55,
        context=("serial", "sn", "chassis", "inventory", "module", "switch", "stack", "psu", "transceiver", "optic"),
        lifted=0.9,
        check=is_chassis_serial,
    ),
    Pattern(
        type="SERIAL_NUMBER",
        name="devices.juniper_part",
        regex=r"\b7[0-9]{2}-[0-9]{6}[ \t]{1,12}(?P<v>[A-Z0-9]{6,14})\b",
        score=0.95,
        check=is_serial,
    ),
    Pattern(
        type="SERIAL_NUMBER",
        name="devices.juniper_chassis",
        regex=r"(?:^|\n)[ \t]{0,4}Chassis[ \t]{2,60}(?P<v>[A-Z]{1,2}[A-Z0-9]{6,12})\b",
        score=0.95,
        check=is_serial,
    ),
    Pattern(
        type="SERIAL_NUMBER",
        name="devices.mikrotik",
        regex=r"\b(?:[A-F0-9]{4}0[A-F0-9]{7}|H[A-Z0-9]{2}0[A-Z0-9]{7})(?:/[A-Z0-9]{3})?\b",
        score=0.3,
        context=("serial-number", "serial", "routerboard", "sn", "mikrotik", "routeros"),
        lifted=0.85,
        check=is_serial,
    ),
)

_SSID = anyone("""
        (?:[a-z0-9]{0,14}[ac-z0-9])?ssid(?: ?name)?, wi-?fi (?:network )?name, wlan ?name, wlan ?ssid, network name,
        wireless (?:network )?name, netzwerkname, wlan-name, nom du (?:réseau|wifi|wi-fi),
        nombre de (?:la )?red(?: wifi| wi-fi)?, nome (?:della )?rete(?: wi-?fi)?, netwerknaam, wifi-?naam,
        nome da rede(?: wi-?fi)?, nazwa sieci(?: wi-?fi)?
    """)
_TO = r"""["')\] \t]{0,8}(?:[:=|>]{1,2}|is|ist|est|es|è|é|jest|heißt|to|s'appelle)?[ \t]{0,24}"""
_FREQUENCY = r"(?:[ _(-]{0,2}(?:2[.,]?4|5|6)[ _]?(?:G|GHz|ghz|g)?\)?|[ _-]?[0-9])?"
_KEY = r"[!#-&(-;=?-_a-{}~]{3,62}[!#-&*+/-:=?-Z^_a-z~-]"
_WIFI_KEY = anyone("""
    wi-?fi (?:password|key|pass(?:phrase|word)?|code|pw|psk), wlan (?:password|key|pass(?:phrase|word)?|pw|psk),
    wireless (?:password|key|passphrase),
    wpa[23]?(?: ?wpa[23]?)?(?: ?personal)? ?(?:psk|key|passphrase|pass|password|pre ?shared ?key), wpa ?passphrase,
    pre ?shared ?key, network (?:security )?key, security key, key ?passphrase, passphrase, psk, wep ?key[0-9]?,
    sae ?password, default (?:wi-?fi|wlan) key, network password, netzwerkpasswort, wps pin, wi-?fi pin,
    wpa2?-schlüssel, wlan-?(?:schlüssel|passwort|kennwort|netzwerkschlüssel|key),
    wifi-?(?:schlüssel|passwort|kennwort), netzwerkschlüssel, netzwerksicherheitsschlüssel,
    cl[ée] (?:wi-?fi|wpa2?|wep|de sécurité(?: (?:du réseau|wi-?fi))?|réseau), mot de passe (?:du )?wi-?fi,
    code wi-?fi, clave (?:del? )?(?:la )?(?:wi-?fi|wpa2?|red|wlan),
    contraseña (?:del? )?(?:la )?(?:wi-?fi|red|wlan), chiave (?:di rete|wi-?fi|wpa2?|di sicurezza),
    password (?:del |della |di )?(?:wi-?fi|rete(?: wi-?fi)?|wlan), wi-?fi-?(?:wachtwoord|sleutel|code),
    wachtwoord (?:van )?(?:de |het )?wi-?fi, netwerksleutel, senha (?:do |da )?(?:wi-?fi|rede|wlan),
    palavra-passe (?:do |da )?(?:wi-?fi|rede), chave (?:de rede|wi-?fi|wpa2?),
    hasło (?:do )?(?:sieci )?(?:wi-?fi|sieci|wlan), klucz (?:sieciowy|wi-?fi|wpa2?)
""")

WIRELESS = (
    Pattern(
        type="SSID",
        name="devices.ssid_quoted",
        regex=rf"{START}(?i:{_SSID}){_FREQUENCY}{_TO}[\"'“„«`](?P<v>[^\"'”“»`\n\r]{{1,32}})[\"'”“»`]",
        score=0.9,
        check=is_told,
    ),
    Pattern(
        type="SSID",
        name="devices.ssid_line",
        regex=rf"{START}(?i:{_SSID}){_FREQUENCY}[\"')\]]{{0,3}}[ \t]{{0,24}}(?:\.{{2,40}}[ \t]{{0,2}})?[:="
        rf"|>][ \t]{{0,24}}(?P<v>[^\s\"'|,;:=<>\[{{][^\n\r\t\"'|,;<>]{{0,30}}[^\s\"'|,;.<>])",
        score=0.85,
        check=is_told,
    ),
    Pattern(
        type="SSID",
        name="devices.ssid_cell",
        regex=rf"{START}(?i:{_SSID}){_FREQUENCY}[: ]{{0,2}}</t[dh]>\s{{0,8}}<t[dh]"
        rf"[^<>]{{0,60}}>(?P<v>[^<>\n]{{1,32}})<",
        score=0.9,
        check=is_told,
    ),
    Pattern(
        type="SSID",
        name="devices.ssid_command",
        regex=r"(?:^|\n)[ \t]{0,8}(?:dot11|wireless|wlan|set \S{1,40}"
        r"|wlan-ap)?[ \t]{0,4}ssid[ \t]{1,4}\"?(?P<v>[^\s\"]{2,32})",
        score=0.85,
        check=is_told,
    ),
    Pattern(
        type="SSID",
        name="devices.ssid_word",
        regex=rf"{START}(?:(?i:ssid)\.[0-9]{{1,2}}\.|(?i:{_SSID}){_FREQUENCY}{LINK}(?P<v>[A-Za-z0-9][^\s\"'"
        rf"|,;<>()]{{1,31}}))",
        score=0.6,
        check=is_mixed,
    ),
    Pattern(
        type="SSID",
        name="devices.ssid_called",
        regex=r"\b(?i:wi-?fi|wlan|network|netz(?:werk)?|réseau|rete|red|netwerk|rede|sieć)[ ](?i:is |ist )?(?i:called"
        r"|named|heißt|s'appelle"
        r"|si chiama|se llama|heet|chama-se|nazywa się)[ ][\"'“„«`]?(?P<v>[^\s\"'“”»`,;<>]{2,32})",
        score=0.8,
        check=is_told,
    ),
    Pattern(
        type="WIFI_KEY",
        name="devices.key_told",
        regex=rf"\b(?i:key|schlüssel|cl[ée]|clave|chiave|sleutel|chave|klucz){VERB}(?P<v>{_KEY})",
        score=0.6,
        check=is_mixed,
    ),
    Pattern(
        type="SSID",
        name="devices.ssid_form",
        regex=r"\b(?i:BT-?Hub[0-9]?|FRITZ!Box|Livebox|SFR|Bbox|Freebox|MOVISTAR|MOVIL|MiFibra|vodafone|TIM|Fastweb"
        r"|WIND3?|KPN|Ziggo|MEO|NOS|UPC|VM|SKY|TALKTALK|PLUSNET|NETGEAR|TP-LINK|Linksys"
        r"|eir|Telstra|Optus|o2-WLAN|EasyBox|WLAN|Telekom|TELENET|Proximus|Orange|INEA|Jazztel|Digi|HUAWEI|ZTE|Wifi"
        r"|HomeNet|Speedport|Connect)[-_ ]?(?:2\.4G|5G)?[-_]?[A-Z0-9]{2,12}(?:-[A-Z0-9]{2,8})?\b",
        score=0.3,
        context=("ssid", "network", "wifi", "wi", "wlan", "connect", "join", "netz", "réseau", "rete", "red", "rede"),
        lifted=0.75,
        check=is_mixed,
    ),
    Pattern(
        type="SSID",
        name="devices.called_station",
        regex=r"\b(?:(?:[0-9A-Fa-f]{2}[-:]){6,63}[0-9A-Fa-f]{2}\b|(?:[0-9A-Fa-f]{2}"
        r"[-:]){5}[0-9A-Fa-f]{2}:(?P<v>[^\s\"',;:][^\"',;:\n\r]{0,31}))",
        score=0.7,
    ),
    Pattern(
        type="WIFI_KEY",
        name="devices.wifi_key",
        regex=rf"{START}(?i:{_WIFI_KEY}){_FREQUENCY}{MARK}(?:ascii[ \t]{{1,4}}|[0-9][ \t]{{1,4}}){{0,2}}(?P<v>{_KEY})",
        score=0.85,
        check=is_secret,
    ),
    Pattern(
        type="WIFI_KEY",
        name="devices.wifi_key_told",
        regex=rf"{START}(?i:{_WIFI_KEY}){_FREQUENCY}{LINK}"
        rf"(?:ascii[ \t]{{1,4}}|[0-9][ \t]{{1,4}}){{0,2}}(?P<v>\b{_KEY})",
        score=0.8,
        check=is_mixed,
    ),
    Pattern(
        type="WIFI_KEY",
        name="devices.wifi_key_later",
        regex=rf"{START}(?i:{_WIFI_KEY})[^0-9:=\n]{{1,50}}[:=][ \t]{{0,4}}(?P<v>{_KEY})",
        score=0.8,
        check=is_mixed,
    ),
    Pattern(
        type="WIFI_KEY",
        name="devices.wifi_key_quoted",
        regex=rf"{START}(?i:{_WIFI_KEY}){_FREQUENCY}{_TO}[\"“„«](?P<v>[^\"“”»\n\r]{{4,63}})[\"”“»]",
        score=0.9,
        check=is_secret,
    ),
    Pattern(
        type="WIFI_KEY",
        name="devices.uci_key",
        regex=r"\boption[ \t]{1,4}(?:key|sae_password|wpa_psk|auth_secret"
        r"|acct_secret)[0-9]?[ \t]{1,4}['\"]?(?P<v>[^'\"\n\r]{5,64})['\"]?",
        score=0.9,
        check=is_secret,
    ),
    Pattern(
        type="WIFI_KEY",
        name="devices.wifi_label",
        regex=r"\b(?:WPA2?(?:-PSK)?|Wi-?Fi|WLAN)[ \t]{0,2}(?:key|Key|KEY|PIN|PW"
        r"|pw)?[ \t]{0,4}[:=][ \t]{0,4}(?P<v>[A-Za-z0-9!#$%&*+@_-]{8,63})\b",
        score=0.8,
        check=is_secret,
    ),
    Pattern(
        type="WIFI_KEY",
        name="devices.wifi_qr",
        regex=r"\bWIFI:(?:[TSHR]:[^;\n]{0,40};){0,3}P:(?P<v>[^;\n]{5,63});",
        score=0.99,
    ),
    Pattern(
        type="SSID",
        name="devices.ssid_qr",
        regex=r"\bWIFI:(?:[TPHR]:[^;\n]{0,70};){0,3}S:(?P<v>[^;\n]{1,40});",
        score=0.99,
    ),
)

PATTERNS: tuple[Pattern, ...] = SERIALS + WIRELESS
