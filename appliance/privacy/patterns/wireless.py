"""Names and keys of wireless networks."""

from appliance.privacy.proofs.words import is_mixed, is_mixed_key, is_network_name, is_secret, is_told, is_wifi_key
from appliance.privacy.scanning.label import LINK, MARK, START, VERB, anyone, element
from appliance.privacy.scanning.pattern import Pattern

_SSID = anyone("""
        (?:[a-z0-9]{0,14}[ac-z0-9])?ssid(?: ?name)?, wi-?fi (?:network )?name, wlan ?name, wlan ?ssid, network name,
        wireless (?:network )?name, netzwerkname, wlan-name, nom du (?:réseau|wifi|wi-fi),
        nombre de (?:la )?red(?: wifi| wi-fi)?, nome (?:della )?rete(?: wi-?fi)?, netwerknaam, wifi-?naam,
        nome da rede(?: wi-?fi)?, nazwa sieci(?: wi-?fi)?, (?:wlan-?)?funknetz, wireless lan profile name,
        red wi-?fi, rede wi-?fi, rete wi-?fi, réseau wi-?fi, wi-?fi-netzwerk, wifi-netwerk, sieć wi-?fi
    """)
_TO = r"""["')\] \t]{0,8}(?:[:=|>]{1,2}|is|ist|est|es|è|é|jest|heißt|to|s'appelle)?[ \t]{0,24}"""
_FREQUENCY = r"(?:[ _(-]{0,2}(?:2[.,]?4|2|5|6)[ _]?(?:G|GHz|ghz|g)?\)?|[ _-]?[0-9])?"
_KEY = r"[!#-&(-;=?-_a-{}~]{3,62}[!#-&*+/-:=?-Z^_a-z~-]"
_WIFI_KEY = anyone("""
    wi-?fi (?:password|key|pass(?:phrase|word)?|code|pw|psk), wlan (?:password|key|pass(?:phrase|word)?|pw|psk),
    wireless (?:password|key|passphrase),
    wpa[23]?(?: ?wpa[23]?)?(?: ?personal)? ?(?:psk|key|passphrase|pass|password|pre ?shared ?key), wpa ?passphrase,
    pre ?shared ?key, network (?:security )?key, security key, key ?passphrase, psk, key content, default key,
    wep ?key[0-9]?,
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

PATTERNS: tuple[Pattern, ...] = (
    Pattern(
        type="SSID",
        name="wireless.ssid_quoted",
        regex=rf"{START}(?i:{_SSID}){_FREQUENCY}{_TO}[\"'“„«`](?P<v>[^\"'”“»`\n\r]{{1,32}})[\"'”“»`]",
        score=0.9,
        check=is_told,
    ),
    Pattern(
        type="SSID",
        name="wireless.ssid_line",
        regex=rf"{START}(?i:{_SSID}){_FREQUENCY}[\"')\]]{{0,3}}[ \t]{{0,24}}(?:\.{{2,60}}[ \t]{{0,2}}[:=|>]?|[:="
        rf"|>])[ \t]{{0,24}}(?P<v>[^\s\"'|,;:=<>\[{{.]"
        rf"(?:[^\n\r\t\"'|,;:<>).]|\.[^\s\"'|,;:<>).]){{0,30}}?[^\s\"'|,;:.<>)])"
        r"(?:[ \t]{0,24}[\"'|,;:<>)\r\n\t]|[ ]{2}|\.(?:\s|$)|$|[ ][a-z-]{2,30}="
        r"|[ ](?:is|was|and|has|ist|und|est|et|es|è|with|mit|key"
        r"|password|pass|pw|on|auf)\b)",
        score=0.85,
        check=is_told,
    ),
    Pattern(
        type="SSID",
        name="wireless.ssid_cell",
        regex=rf"{START}(?i:{_SSID}){_FREQUENCY}[: ]{{0,2}}</t[dh]>\s{{0,8}}<t[dh]"
        rf"[^<>]{{0,60}}>(?P<v>[^<>\n]{{1,32}})<",
        score=0.9,
        check=is_told,
    ),
    Pattern(
        type="SSID",
        name="wireless.ssid_element",
        regex=element(r"e?ssid(?:[ _-]?name)?|WLANProfile><name|(?:wi-?fi|wlan|network)[ _-]?name", r"[^<>\n]{1,32}"),
        score=0.95,
        check=is_told,
    ),
    Pattern(
        type="SSID",
        name="wireless.ssid_of_port",
        regex=r"\bssid[ \t](?:ctrl|config|profile)[ \t]\S{1,30}(?:[ \t]\S{1,20}){0,4}[ \t]name[ \t]\"?"
        r"(?P<v>[^\s\"]{2,32})",
        score=0.9,
        check=is_told,
    ),
    Pattern(
        type="SSID",
        name="wireless.access_points",
        regex=r"\baccess-points:[ \t]{0,4}\r?\n[ \t]{1,16}\"?(?P<v>[^\"\n:]{1,32})\"?:",
        score=0.95,
        check=is_told,
    ),
    Pattern(
        type="WIFI_KEY",
        name="wireless.key_of_band",
        regex=rf"\"(?:wlan|wifi|wpa)?[_-]?(?:key|psk|password)[_-]?(?:2g|5g|6g|24|2_4|5|6)\"[ ]?:[ ]?\"(?P<v>{_KEY})\"",
        score=0.95,
        check=is_wifi_key,
    ),
    Pattern(
        type="SSID",
        name="wireless.ssid_command",
        regex=r"(?:^|\n)[ \t]{0,8}(?:dot11|wireless|wlan|set \S{1,40}"
        r"|wlan-ap)?[ \t]{0,4}ssid[ \t]{1,4}\"?(?P<v>[^\s\"]{2,32})",
        score=0.85,
        check=is_told,
    ),
    Pattern(
        type="SSID",
        name="wireless.ssid_word",
        regex=rf"{START}(?:(?i:ssid)\.[0-9]{{1,2}}\.|(?i:{_SSID}){_FREQUENCY}{LINK}"
        rf"(?P<v>[A-Za-z0-9][^\s\"'|,;<>()]{{0,30}}[^\s\"'|,;<>().]))",
        score=0.6,
        check=is_network_name,
    ),
    Pattern(
        type="SSID",
        name="wireless.ssid_after_wifi",
        regex=r"\b(?i:wi-?fi|wlan)[ ](?i:connect |hotspot |network |netz(?:werk)? )?(?i:is |ist |est |es |è )?"
        r"[\"“„«](?P<v>[^\"”“»\n]{2,32})[\"”“»]",
        score=0.8,
        check=is_told,
    ),
    Pattern(
        type="SSID",
        name="wireless.ssid_called",
        regex=r"\b(?i:wi-?fi|wlan|network|netz(?:werk)?|réseau|rete|red|netwerk|rede|sieć)[ ](?i:is |ist )?(?i:called"
        r"|named|heißt|s'appelle"
        r"|si chiama|se llama|heet|chama-se|nazywa się)[ ][\"'“„«`]?(?P<v>[^\s\"'“”»`,;<>]{2,32})",
        score=0.8,
        check=is_told,
    ),
    Pattern(
        type="WIFI_KEY",
        name="wireless.key_told",
        regex=rf"\b(?i:key|schlüssel|cl[ée]|clave|chiave|sleutel|chave|klucz){VERB}(?P<v>{_KEY})",
        score=0.6,
        check=is_mixed,
    ),
    Pattern(
        type="SSID",
        name="wireless.ssid_form",
        regex=r"\b(?i:BT-?Hub[0-9]?|FRITZ!Box|Livebox|SFR|Bbox|Freebox|MOVISTAR|MOVIL|MiFibra|vodafone|TIM|Fastweb"
        r"|WIND3?|KPN|Ziggo|MEO|NOS|UPC|VM|SKY|TALKTALK|PLUSNET|NETGEAR|TP-LINK|Linksys"
        r"|eir|Telstra|Optus|o2-WLAN|EasyBox|WLAN|Telekom|TELENET|Proximus|Orange|INEA|Jazztel|Digi|HUAWEI|ZTE|Wifi"
        r"|HomeNet|Speedport|Connect)(?:[-_ ]?(?:2\.4G|5G)?[-_]?[A-Z0-9]{2,12}(?:-[A-Z0-9]{2,8})?)\b"
        r"|\b(?i:Livebox|Freebox|Bbox|SFR|MiFibra|Ziggo|KPN|Telenet|Proximus|Fastweb|HomeNet|Speedport|EasyBox)"
        r"[-_][A-Z][A-Za-z0-9]{2,16}\b",
        score=0.3,
        context=("ssid", "network", "wifi", "wi", "wlan", "connect", "join", "netz", "réseau", "rete", "red", "rede"),
        lifted=0.75,
        check=is_network_name,
    ),
    Pattern(
        type="SSID",
        name="wireless.called_station",
        regex=r"\b(?:(?:[0-9A-Fa-f]{2}[-:]){6,63}[0-9A-Fa-f]{2}\b|(?:[0-9A-Fa-f]{2}"
        r"[-:]){5}[0-9A-Fa-f]{2}:(?P<v>[^\s\"',;:][^\"',;:\n\r]{0,31}))",
        score=0.7,
    ),
    Pattern(
        type="WIFI_KEY",
        name="wireless.wifi_key",
        regex=rf"{START}(?i:{_WIFI_KEY}){_FREQUENCY}{MARK}(?:ascii[ \t]{{1,4}}|[0-9][ \t]{{1,4}}){{0,2}}(?P<v>{_KEY})",
        score=0.92,
        check=is_secret,
    ),
    Pattern(
        type="WIFI_KEY",
        name="wireless.wifi_key_told",
        regex=rf"{START}(?i:{_WIFI_KEY}){_FREQUENCY}{LINK}"
        rf"(?:ascii[ \t]{{1,4}}|[0-9][ \t]{{1,4}}){{0,2}}(?P<v>\b{_KEY})",
        score=0.9,
        check=is_mixed,
    ),
    Pattern(
        type="WIFI_KEY",
        name="wireless.wifi_key_element",
        regex=element(
            r"(?:key|wpa)?[ _-]?pass[ _-]?phrase|pre[ _-]?shared[ _-]?key|wep[ _-]?key|wpa[ _-]?"
            r"(?:psk|key)|psk|keyMaterial"
        ),
        score=0.95,
        check=is_secret,
    ),
    Pattern(
        type="WIFI_KEY",
        name="wireless.wifi_and_key",
        regex=rf"\b(?i:wi-?fi|wlan|ssid)\b[^\n]{{1,60}}[ ](?i:pass(?:word|wort|phrase|code)?|key|psk"
        rf"|schlüssel|clé|clave|chiave|sleutel|wachtwoord|klucz|hasło|senha|chave|contraseña)"
        rf"[ :=]{{1,3}}[\"']?(?P<v>{_KEY})",
        score=0.9,
        check=is_wifi_key,
    ),
    Pattern(
        type="WIFI_KEY",
        name="wireless.wifi_key_command",
        regex=r"\b(?:wpa[23]?-psk|psk|pass-?phrase)[ \t]"
        r"(?:(?:key|ascii|hex|pass-?phrase|simple|cipher|[0-9])[ \t]){1,3}"
        rf"\"?(?P<v>{_KEY})",
        score=0.9,
        check=is_secret,
    ),
    Pattern(
        type="WIFI_KEY",
        name="wireless.wifi_key_set",
        regex=r"(?:^|\n)[ \t]{1,16}set (?:passphrase|sae-password)[ ](?:ENC[ ])?\"?(?P<v>[^\s\"]{8,200})",
        score=0.85,
        check=is_secret,
    ),
    Pattern(
        type="WIFI_KEY",
        name="wireless.wifi_key_later",
        regex=rf"{START}(?i:{_WIFI_KEY})[^0-9:=\n]{{1,50}}[:=][ \t]{{0,4}}(?P<v>{_KEY})",
        score=0.8,
        check=is_mixed_key,
    ),
    Pattern(
        type="WIFI_KEY",
        name="wireless.wifi_key_quoted",
        regex=rf"{START}(?i:{_WIFI_KEY}){_FREQUENCY}{_TO}[\"“„«](?P<v>[^\"“”»\n\r ={{][^\"“”»\n\r]{{3,62}})[\"”“»]",
        score=0.9,
        check=is_secret,
    ),
    Pattern(
        type="WIFI_KEY",
        name="wireless.uci_key",
        regex=r"\boption[ \t]{1,4}(?:key|sae_password|wpa_psk|auth_secret"
        r"|acct_secret)[0-9]?[ \t]{1,4}['\"]?(?P<v>[^'\"\n\r]{5,64})['\"]?",
        score=0.9,
        check=is_secret,
    ),
    Pattern(
        type="WIFI_KEY",
        name="wireless.wifi_label",
        regex=r"\b(?:WPA2?(?:-PSK)?|Wi-?Fi|WLAN)[ \t]{0,2}(?:key|Key|KEY|PIN|PW"
        r"|pw)?[ \t]{0,4}[:=][ \t]{0,4}(?P<v>[A-Za-z0-9!#$%&*+@_-]{8,63})\b",
        score=0.8,
        check=is_wifi_key,
    ),
    Pattern(
        type="WIFI_KEY",
        name="wireless.wifi_qr",
        regex=r"\bWIFI:(?:[TSHR]:[^;\n]{0,40};){0,3}P:(?P<v>[^;\n]{5,63});",
        score=0.99,
    ),
    Pattern(
        type="SSID",
        name="wireless.ssid_qr",
        regex=r"\bWIFI:(?:[TPHR]:[^;\n]{0,70};){0,3}S:(?P<v>[^;\n]{1,40});",
        score=0.99,
    ),
)
