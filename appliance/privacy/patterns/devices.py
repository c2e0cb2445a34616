"""Serial numbers of devices."""

from appliance.privacy.proofs.serials import is_asked_serial, is_chassis_serial, is_device_id, is_hex_serial, is_serial
from appliance.privacy.scanning.label import LINK, PREFIXED, anyone, element, named
from appliance.privacy.scanning.pattern import Pattern

VENDORS = (
    "HWTC|HWHW|ZTEG|ZTEX|ALCL|ALLU|NOKA|NOKG|FHTT|UBNT|CIGG|CIOT|CXNK|ADTN|DSNW|DZNT|ZNTS|ZHNT|SKYW|RTKG|RLTK|TPLG"
    "|TPLN|DLNK|ISKT|KMMT"
    "|SCOM|SERC|ARRS|ASKY|SMBS|SGMC|SAGM|TMBB|TCLN|TNCG|ZYXE|ZYWN|BDCM|BRCM|ELTX|YHTC|VSOL|PTIN|MSTC|GPON|GNXS|HUMX"
    "|INTL|LQDE|MKTK"
    "|AVMG|NETG|MNTS|OEMT|XPON|OPTN|CDTC|CDAT|BLNK|FIBR|NBEL|ICTR|TELL|EACH|PCOM|LEOX|NOLL|SUMI|MITS|FJTS|JNPR|COMR"
    "|GCOM|HLTN|YOTC"
)
_SERIAL = r"(?:\+[0-9]{1,6}\+|\b)[A-Za-z0-9][A-Za-z0-9/.+-]{3,31}\b"

_BOXES = "cm|ont|onu|gpon|pon|modem|router|device|old|new|alte|neue|hw|sys(?:tem)?|board|chassis|cpe|box|stb|hgw"
_OF_WHAT = (
    r"(?:[ ](?:modem|router|ont|onu|box|device|modemu|routera|urządzenia|(?:del? |du |do |des |dell')[a-z]{2,12}))?"
)

PATTERNS: tuple[Pattern, ...] = (
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
                serial ?(?:number|num|nbr|no|nr|id|code), serial, ser(?:ial)?\.? ?no,
                serialnum, serialno, hw serial, processor board id, chassis id, service tag, product serial,
                sn auth, onu ?id ?sn, [a-zäöü]{0,16}serien ?(?:nummer|nr), stb id, smart ?card(?: no)?, decoder id,
                sernum, ger(?:ä|ae)te ?nummer, bar ?code, fsan, phy ?id,
                num[ée]ro de s[ée]rie, n[°º]\.? (?:de )?s[ée]rie, n[úu]mero de s[ée]rie, n(?:úm)?\. ?(?:de )?serie,
                numero (?:di )?serie, matricola, num\. seriale, seriale, serie ?nummer, serie ?nr, numer seryjny,
                nr seryjny, num[ée]ro serie
            """),
            _SERIAL,
            start=PREFIXED,
            link=rf"(?:[ _-]?(?i:number|num|no|nr)\b\.?)?{_OF_WHAT}{LINK}",
        ),
        score=0.9,
        check=is_serial,
    ),
    Pattern(
        type="SERIAL_NUMBER",
        name="devices.serial_short",
        regex=named(
            rf"(?:{_BOXES})?[ _.-]{{0,2}}(?:s/ns?|s\.n\.?|n/s|sns?|snr|esn|msn)",
            _SERIAL,
            link=rf"(?:[ _-]?(?i:number|num|no|nr)\b\.?)?{_OF_WHAT}{LINK}",
        ),
        score=0.9,
        check=is_serial,
    ),
    Pattern(
        type="SERIAL_NUMBER",
        name="devices.serial_second",
        regex=rf"\b(?i:s/ns?|sns?|serials?(?: numbers?)?|seriennummern?)[ :#]{{1,3}}{_SERIAL}"
        rf"(?:, | and | und | et | y | e | en | i | & | / | -> | to )(?P<v>{_SERIAL})",
        score=0.85,
        check=is_serial,
    ),
    Pattern(
        type="SERIAL_NUMBER",
        name="devices.firewall",
        regex=r"\bF(?:G|W|P|S|A|M|C|E|L)[A-Z0-9]{6}[0-9]{8}\b",
        score=0.8,
    ),
    Pattern(
        type="SERIAL_NUMBER",
        name="devices.behind_name",
        regex=r"(?:^|[ \t:\n])[A-Za-z][A-Za-z0-9_.-]{1,60}\((?P<v>[A-Z0-9]{10,12})\)",
        score=0.7,
        check=is_serial,
    ),
    Pattern(
        type="SERIAL_NUMBER",
        name="devices.behind_part",
        regex=r"\b[0-9]{6}-[0-9]{2}-[0-9]{2}[ ]{1,4}(?P<v>[0-9A-Z]{4,6}-[0-9]{4,6})\b",
        score=0.9,
    ),
    Pattern(
        type="SERIAL_NUMBER",
        name="devices.mates",
        regex=r"\b(?:Ours|Mate)[ ](?P<v>[0-9A-Z]{8,16})\b",
        score=0.8,
        check=is_serial,
    ),
    Pattern(
        type="SERIAL_NUMBER",
        name="devices.in_log",
        regex=r",(?P<v>0[0-9]{11}(?:[0-9]{3})?),(?:TRAFFIC|THREAT|SYSTEM|CONFIG|GLOBALPROTECT|HIP-MATCH|AUTHENTICATION),",
        score=0.9,
    ),
    Pattern(
        type="SERIAL_NUMBER",
        name="devices.serial_element",
        regex=element("serial(?:[ _-]?(?:number|no|num))?|sernum|(?:ont|onu|gpon|device)?[ _-]?sn", _SERIAL),
        score=0.95,
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
    Pattern(
        type="SERIAL_NUMBER",
        name="devices.of_remote_management",
        # OUI, product class, serial number: what TR-069 calls a device.
        regex=r"\b(?:00[0-9A-F]{4}|[0-9]{0,5}[A-F][0-9A-F]{0,5})-[A-Za-z0-9%._]{2,30}-[A-Za-z0-9%]{6,24}\b",
        hint=r"\b[0-9A-F]{6}-[A-Za-z0-9]",
        score=0.8,
        check=is_device_id,
    ),
    Pattern(
        type="SERIAL_NUMBER",
        name="devices.asked_for",
        regex=rf"\b(?i:serial|s/n|seriennummer)\b[^\n]{{0,60}}\?[^\n]{{0,8}}\n[^\n0-9]{{0,40}}\b(?P<v>{_SERIAL})",
        score=0.7,
        check=is_asked_serial,
    ),
    Pattern(
        type="SERIAL_NUMBER",
        name="devices.software_id",
        regex=r"\bsoftware[- ]id[ ]?[:=][ ]?\"?(?P<v>[A-Z0-9]{4}-[A-WYZ0-9]{4})\b",
        score=0.9,
    ),
    Pattern(
        type="SERIAL_NUMBER",
        name="devices.serial_far",
        regex=rf"\b(?i:s/?n|serial(?: number| no)?|seriennummer)(?:[ ][A-Za-z'-]{{1,16}}){{1,5}}"
        rf"(?:[ ](?:is|reads|says|ist|est)|:)[ ](?P<v>\b{_SERIAL})",
        score=0.85,
        check=is_asked_serial,
    ),
)
