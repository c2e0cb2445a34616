"""Values drawn by lot in the forms that services document: `ghp_{w36}` is `ghp_` and 36 letters or digits."""

import re
import string
from random import Random

ALPHABETS = {
    "w": string.ascii_letters + string.digits,
    "u": string.ascii_uppercase + string.digits,
    "l": string.ascii_lowercase + string.digits,
    "x": "0123456789abcdef",
    "X": "0123456789ABCDEF",
    "d": string.digits,
    "b": string.ascii_letters + string.digits + "+/",
    "s": string.ascii_letters + string.digits + "_-",
    "2": "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
    "q": "abcdefghijklmnopqrstuvwxyz234567",
}
SLOT = re.compile(r"\{(\w)(\d+)\}")

SERVICES = {
    "API_KEY": (
        "AKIA{u16}", "ASIA{u16}", "LTAI{w20}", "AIza{s34}{w1}", "GOCSPX-{s27}{w1}", "sk-ant-api03-{s92}{w1}AA",
        "sk-proj-{s80}{w1}", "sk-{w48}", "sk-or-v1-{x64}", "gsk_{w52}", "xai-{w80}", "pplx-{w48}", "nvapi-{s63}{w1}",
        "sk_live_{w24}", "rk_test_{w24}", "whsec_{w32}", "SK{x32}", "SG.{s22}.{s42}{w1}", "key-{x32}", "{x32}-us{d2}",
        "xkeysib-{x64}-{w16}", "{w3}8Q~{w34}", "{b76}+ASt{b5}A", "{w52}JQQJ99{w26}", "HRKU-{s40}{w1}", "NRAK-{u27}",
        "rf_{q24}_{q52}", "tskey-auth-{w12}-{w24}", "PMAK-{x24}-{x34}", "pat{w14}.{x64}", "lin_api_{w40}",
        "rzp_live_{w14}", "SCW{u17}", "AGE-SECRET-KEY-1{u58}", "phc_{w43}", "EZAK{w54}",
        "cfut_{w40}{x8}", "pcsk_{w60}", "sb_secret_{s30}{w1}", "lsv2_pt_{x32}_{x10}", "tvly-{w32}",
    ),
    "TOKEN": (
        "ghp_{w36}", "gho_{w36}", "ghs_{w36}", "github_pat_{w22}_{w59}", "glpat-{s19}{w1}", "glptt-{x40}",
        "xoxb-{d12}-{d13}-{w24}", "xoxp-{d12}-{d12}-{d13}-{x32}", "xapp-1-{u11}-{d13}-{x64}", "hf_{w34}", "npm_{w36}",
        "pypi-AgEI{s120}{w1}", "dckr_pat_{s26}{w1}", "dop_v1_{x64}", "hvs.{s90}{w1}", "dapi{x32}",
        "{w14}.atlasv1.{w66}",
        "glsa_{w32}_{x8}", "sntrys_eyJ{w120}", "shpat_{x32}", "sq0atp-{s21}{w1}", "EAA{w120}", "ya29.{s100}{w1}",
        "{d10}:AA{s32}{w1}", "MT{w24}.{s6}.{s37}{w1}", "secret_{w43}", "ntn_{w46}", "figd_{s39}{w1}", "sbp_{x40}",
        "nfp_{w36}", "sl.{s140}{w1}", "ATATT3{s186}{w1}", "CCIPAT_{w22}_{x40}", "rubygems_{x48}", "pul-{x40}",
        "dp.pt.{w43}", "sgp_{x16}_{x40}", "squ_{x40}", "dt0c01.{224}.{264}", "r8_{w37}", "EAAA{s59}{w1}",
        "access_token$production${l16}${x32}", "pk.eyJ{w80}.{s21}{w1}", "sha256~{s42}{w1}", "bkua_{x40}",
    ),
    "SECRET": (
        "https://hooks.slack.com/services/T{u10}/B{u10}/{w24}",
        "https://discord.com/api/webhooks/{d19}/{s67}{w1}",
    ),
}  # fmt: skip

# Services that no pattern was written for when these were chosen, and names of services that do not exist.
UNSEEN = (
    "p8e-{x32}",
    "4b1d{w38}",
    "fio-u-{s64}",
    "{w6}_{w29}_mmk",
    "API-{u26}",
    "rdme_{x70}",
    "sm_pat_{w16}",
    "s-s4t2ud-{x64}",
    "endr+{w16}",
    "dnsimple_a_{w32}",
    "pk1_{x64}",
    "nbp_{w36}",
    "hcaik_{l58}",
    "xaat-{x8}-{x4}-{x4}",
    "pdl_live_apikey_{l26}_{w22}_{w3}",
    "fc-{x32}",
    "csk-{l48}",
    "EXO{x24}",
    "ucat_{u40}",
    "os_v2_app_{q56}",
    "mdb_sa_sk_{w40}",
    "essu_{w72}",
    "n8n_api_{w40}",
    "snyk_uat.{w8}.{w48}",
    "signkey-prod-{x64}",
    "tr_prod_{w24}",
)
NOBODYS = (
    "lmn_{w36}",
    "lumen-live-{w32}",
    "lk_prod_{w24}{d4}",
    "LMN.{s22}.{s43}",
    "lmnpat_{w22}_{w30}",
    "LUMEN_{u8}{w32}",
)


def draw(random: Random, form: str) -> str:
    return SLOT.sub(lambda slot: "".join(random.choices(ALPHABETS[slot[1]], k=int(slot[2]))), form)
