"""Keys and tokens of services, by the forms that their makers document.

A tail that may end in `-` is written as a range: `\\b` then settles on its last letter.
"""

from appliance.privacy.proofs import secrecy
from appliance.privacy.scanning.pattern import Pattern

_KEYS = {
    "adobe": r"\bp8e-[A-Za-z0-9]{32}",
    "adafruit": r"\baio_[A-Za-z0-9]{28}",
    "age": r"\bAGE-SECRET-KEY-1[0-9A-Z]{58}",
    "airtable": r"\bpat[A-Za-z0-9]{14}\.[0-9a-f]{64}",
    "axiom": r"\bxa[ai]t-[0-9a-f]{8}-[0-9a-f-]{9,27}",
    "authress": r"\b(?:sc|ext|scauth|authress)_[A-Za-z0-9]{5,30}\.[A-Za-z0-9]{4,6}\.acc[_-]"
    r"[A-Za-z0-9-]{10,32}\.[A-Za-z0-9+/_=-]{30,120}",
    "beamer": r"\bb_[A-Za-z0-9=_-]{44}",
    "clickup": r"\bpk_[0-9]{5,10}_[A-Z0-9]{32}",
    "ghost": r"\b[0-9a-f]{24}:[0-9a-f]{64}",
    "intra42": r"\bs-s4t2(?:ud|af)-[0-9a-f]{64}",
    "alibaba": r"\bLTAI[A-Za-z0-9]{12,24}",
    "anthropic": r"\bsk-ant-[A-Za-z0-9_-]{20,200}",
    "aws": r"\b(?:AKIA|ASIA|ABIA|ACCA|AIDA|AROA|AIPA|ANPA|AGPA|A3T[A-Z0-9])[A-Z0-9]{16}",
    "aws bedrock": r"\b(?:ABSK[A-Za-z0-9+/]{109,269}|bedrock-api-key-[A-Za-z0-9+/]{100,1000})",
    "aws mws": r"\bamzn\.mws\.[0-9a-f]{8}-[0-9a-f-]{27}",
    "azure client secret": r"[A-Za-z0-9_~.]{3}[0-9]Q~[A-Za-z0-9_~.-]{30,34}",
    "azure devops": r"\b[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}",
    "azure devops legacy": r"\b[a-z2-7]{52}",
    "azure function": r"\b[A-Za-z0-9_-]{44}AzFu[A-Za-z0-9_-]{5}[AQgw]",
    "azure search": r"\b[A-Za-z0-9]{42}AzSe[A-Za-z0-9]{6}",
    "azure service": r"\b[A-Za-z0-9]{52}JQQJ99[A-Za-z0-9]{26}",
    "azure shared": r"[A-Za-z0-9+/]{76}\+(?:ASt|AMC|ABa|ARm|AEh|AIoT)[A-Za-z0-9+/]{4,5}[AQgw]",
    "brevo": r"\bx(?:key|smtp)sib-[0-9a-f]{64}-[A-Za-z0-9]{16}",
    "cloudflare": r"\b(?:cf(?:ut|at|k)_[A-Za-z0-9]{40}[0-9a-f]{8}|v1\.0-[0-9a-f]{24}-[0-9a-f]{146})",
    "clickhouse": r"\b4b1d[A-Za-z0-9]{38}",
    "cerebras": r"\bcsk-[a-z0-9]{40,60}",
    "cursor": r"\bkey_[0-9a-f]{64}",
    "coinbase": r"\borganizations/[0-9a-f-]{36}/apiKeys/[0-9a-f-]{36}",
    "defined networking": r"\bdnkey-[A-Za-z0-9=_-]{26}-[A-Za-z0-9=_-]{52}",
    "dnsimple": r"\bdnsimple_[aou]_[A-Za-z0-9]{20,60}",
    "duffel": r"\bduffel_(?:test|live)_[A-Za-z0-9_-]{42,44}",
    "easypost": r"\bEZ[AT]K[A-Za-z0-9]{54}",
    "elevenlabs": r"\bsk_[0-9a-f]{48}",
    "elastic": r"\bessu_[A-Za-z0-9+/=]{30,200}",
    "endor": r"\bendr\+[A-Za-z0-9-]{16}",
    "exoscale": r"\bEXO[0-9a-f]{24}",
    "firecrawl": r"\bfc-[0-9a-f]{32}",
    "frame.io": r"\bfio-u-[A-Za-z0-9=_-]{64}",
    "fastspring": r"\bFSPRG-[A-Z0-9]{20,40}",
    "fireworks": r"\bfw_[A-Za-z0-9]{22,24}",
    "flutterwave": r"\bFLW(?:PUB|SEC)K(?:_TEST)?-[0-9A-Za-z]{12,36}-X",
    "gocardless": r"\b(?:live|sandbox)_[A-Za-z0-9_-]{39,40}",
    "google": r"\bAIza[0-9A-Za-z_-]{34,35}",
    "google gemini": r"\bAQ\.[A-Za-z0-9_-]{48,60}",
    "google oauth secret": r"\bGOCSPX-[A-Za-z0-9_-]{27,28}",
    "grafana cloud": r"\bglc_[A-Za-z0-9+/]{32,400}",
    "groq": r"\bgsk_[A-Za-z0-9]{40,60}",
    "honeycomb": r"\bhc[abx][il][kc]_[a-z0-9]{26,64}",
    "heroku": r"\bHRKU-[A-Za-z0-9_-]{35,80}",
    "inngest": r"\bsignkey-(?:prod|test|branch)-[0-9a-f]{32,64}",
    "jfrog": r"\b(?:AKCp[A-Za-z0-9]{60,72}|cmVmdGtu[A-Za-z0-9]{56})",
    "jina": r"\bjina_[A-Za-z0-9_-]{50,64}",
    "langfuse": r"\b[sp]k-lf-[0-9a-f]{8}-[0-9a-f-]{27}",
    "langsmith": r"\blsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{10}",
    "launchdarkly": r"\b(?:sdk|mob|api)-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    "linear": r"\blin_(?:api|oauth|wh)_[A-Za-z0-9]{32,64}",
    "lob": r"\b(?:live|test)(?:_pub)?_[0-9a-f]{31,35}",
    "maxmind": r"\b[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk",
    "mongodb atlas": r"\bmdb_sa_sk_[A-Za-z0-9_-]{32,64}",
    "mailchimp": r"\b[0-9a-f]{32}-us[0-9]{1,2}",
    "mailgun": r"\b(?:key-[0-9a-f]{32}|pubkey-[0-9a-f]{32}|[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8})",
    "mandrill": r"\bmd-[A-Za-z0-9_-]{21,22}",
    "mollie": r"\b(?:live|test)_[A-Za-z0-9]{30,40}",
    "neon": r"\bnapi_[a-z0-9]{60,70}",
    "new relic": r"\bNR(?:AK-[A-Z0-9]{27}|II-[A-Za-z0-9_-]{31,32}|JS-[0-9a-f]{19}|RA-[0-9a-f]{42})",
    "new relic licence": r"\b[0-9a-f]{36}NRAL",
    "n8n": r"\bn8n_api_[A-Za-z0-9]{32,300}",
    "netbird": r"\bnbp_[A-Za-z0-9]{30,40}",
    "ngrok": r"\b2[A-Za-z0-9]{26}_[A-Za-z0-9]{20,22}",
    "octopus": r"\bAPI-[A-Z0-9]{25,32}",
    "onesignal": r"\bos_v2_(?:app|org)_[a-z2-7]{40,120}",
    "nvidia": r"\bnvapi-[A-Za-z0-9_-]{60,70}",
    "openai": r"\bsk-(?:(?:proj|svcacct|admin|None|or-v1|litellm)-[A-Za-z0-9_-]{16,250}|[A-Za-z0-9]{20,64})",
    "paddle": r"\bpdl_(?:live|sdbx)_apikey_[a-z0-9]{26}_[A-Za-z0-9]{22}_[A-Za-z0-9]{3}",
    "porkbun": r"\b[ps]k1_[0-9a-f]{64}",
    "perplexity": r"\bpplx-[A-Za-z0-9]{40,60}",
    "pinecone": r"\bpcsk_[A-Za-z0-9_]{50,100}",
    "posthog": r"\bph[cxs]_[A-Za-z0-9]{43}",
    "postman": r"\bPMAK-[0-9a-f]{24}-[0-9a-f]{34}",
    "razorpay": r"\brzp_(?:live|test)_[A-Za-z0-9]{14}",
    "readme": r"\brdme_[a-z0-9]{70}",
    "scalingo": r"\btk-us-[A-Za-z0-9_-]{48}",
    "settlemint": r"\bsm_(?:aat|pat|sat)_[A-Za-z0-9]{16}",
    "snyk": r"\bsnyk_(?:uat|sat)\.[A-Za-z0-9]{8}\.[A-Za-z0-9_-]{30,200}",
    "trigger": r"\btr_(?:prod|dev|stg|pat|preview)_[A-Za-z0-9]{16,40}",
    "upcloud": r"\bucat_[A-Z0-9]{26,48}",
    "render": r"\brnd_[A-Za-z0-9]{28,40}",
    "resend": r"\bre_[A-Za-z0-9]{8,12}_[A-Za-z0-9]{18,30}",
    "ringfence": r"\brf_[a-z2-7]{24}_[a-z2-7]{52}",
    "scaleway": r"\bSCW[A-Z0-9]{17}",
    "sendgrid": r"\bSG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{16,64}",
    "shippo": r"\bshippo_(?:live|test)_[0-9a-f]{40}",
    "stripe": r"\b(?:[srp]k_(?:live|test|prod)_[A-Za-z0-9]{10,247}|whsec_[A-Za-z0-9+/]{32,64})",
    "supabase": r"\bsb_(?:secret|publishable)_[A-Za-z0-9_-]{20,50}",
    "tailscale": r"\btskey-(?:api|auth|client|scim|webhook)-[A-Za-z0-9]{8,24}(?:-[A-Za-z0-9]{16,40})?",
    "tavily": r"\btvly-[A-Za-z0-9-]{20,60}",
    "tencent": r"\bAKID[A-Za-z0-9]{32,48}",
    "twilio": r"\b(?:SK|AC)[0-9a-f]{32}",
    "xai": r"\bxai-[A-Za-z0-9]{60,100}",
}

_TOKENS = {
    "1password": r"\bops_eyJ[A-Za-z0-9+/_-]{200,}",
    "1password secret key": r"\bA3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){3}",
    "asana": r"\b[12]/[0-9]{10,20}(?:/[0-9]{10,20})?:[0-9a-f]{32}",
    "atlassian": r"\b(?:AT[AC]TT3[A-Za-z0-9_=-]{56,260}|ATBB[A-Za-z0-9]{24,36})",
    "aws session": r"\b(?:IQoJb3JpZ2lu|FwoGZXIvYXdz|FQoGZXIvYXdz)[A-Za-z0-9/+]{40,}",
    "buildkite": r"\bbk(?:ua|at|ct|pat)_[A-Za-z0-9]{30,60}",
    "circleci": r"\bCCI(?:PAT|PRJ)_[A-Za-z0-9]{22}_[0-9a-f]{40}",
    "clojars": r"\bCLOJARS_[a-z0-9]{60}",
    "contentful": r"\bCFPAT-[A-Za-z0-9_-]{42,43}",
    "crates": r"\bcio[A-Za-z0-9]{32}",
    "databricks": r"\b(?:dapi|dose|dkea)[0-9a-f]{32}(?:-[0-9])?",
    "digitalocean": r"\bdo[oprt]_v1_[0-9a-f]{64}",
    "discord": r"\b[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{26,45}",
    "docker": r"\bdckr_(?:pat|oat)_[A-Za-z0-9_-]{26,60}",
    "doppler": r"\bdp\.(?:pt|st|ct|sa|scim|audit|said)\.(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,44}",
    "dropbox": r"\bsl\.(?:u\.)?[A-Za-z0-9_-]{120,}",
    "dynatrace": r"\bdt0[a-z][0-9]{2}\.[A-Z2-7]{24}\.[A-Z2-7]{64}",
    "facebook": r"\bEAA[A-Za-z0-9]{60,500}",
    "facebook app": r"\b[0-9]{15,16}\|[0-9A-Za-z_-]{26,40}",
    "figma": r"\bfig[doru]_[A-Za-z0-9_-]{39,60}",
    "firebase messaging": r"\b[A-Za-z0-9_-]{11,22}:APA91b[A-Za-z0-9_-]{120,160}",
    "firebase server": r"\bAAAA[A-Za-z0-9_-]{7}:[A-Za-z0-9_-]{138,140}",
    "fly": r"\b(?:fo1_[A-Za-z0-9_-]{42,43}|fm[12][ar]?_[A-Za-z0-9+/=_-]{100,1000})",
    "github": r"\b(?:gh[opusr]_[A-Za-z0-9_]{36,255}|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59})",
    "gitlab": (
        r"\b(?:gl(?:pat|dt|rt|rtr|cbt|ptt|ft|imt|agent|oas|soat|ffct|wt)-[A-Za-z0-9_=.-]{19,300}"
        r"|GR1348941[A-Za-z0-9_-]{19,20}|_gitlab_session=[0-9a-z]{32})"
    ),
    "google access": r"\bya29\.[A-Za-z0-9_-]{20,1000}",
    "google refresh": r"\b1//0[A-Za-z0-9_-]{30,200}",
    "google oauth client": r"\b[0-9]{6,14}-[a-z0-9]{32}\.apps\.googleusercontent\.com",
    "grafana": r"\b(?:glsa_[A-Za-z0-9]{32}_[0-9a-f]{8}|eyJrIjoi[A-Za-z0-9]{60,400})",
    "harness": r"\b[ps]at\.[A-Za-z0-9_-]{22}\.[0-9a-f]{24}\.[A-Za-z0-9]{20}",
    "hubspot": r"\bpat-(?:na|eu|ap)[0-9]-[0-9a-f]{8}-[0-9a-f-]{27}",
    "huggingface": r"\b(?:hf_[A-Za-z0-9]{30,40}|api_org_[A-Za-z0-9]{34})",
    "infracost": r"\bico-[A-Za-z0-9]{32}",
    "instagram": r"\bIGQ[A-Za-z0-9_-]{80,300}",
    "mapbox": r"\b[pst]k\.eyJ[A-Za-z0-9_-]{40,300}\.[A-Za-z0-9_-]{18,40}",
    "intercom": r"\bdG9r[A-Za-z0-9+/_-]{40,60}=?",
    "netlify": r"\bnf[pobcu]_[A-Za-z0-9]{36,40}",
    "notion": r"\b(?:ntn_[A-Za-z0-9]{40,50}|secret_[A-Za-z0-9]{43})",
    "npm": r"\bnpm_[A-Za-z0-9]{36}",
    "nuget": r"\boy2[a-z0-9]{43}",
    "openshift": r"\bsha256~[A-Za-z0-9_-]{42,43}",
    "packagist": r"\bpackagist_[ou][ru]t_[0-9a-f]{68}",
    "paypal": r"\baccess_token\$(?:production|sandbox)\$[0-9a-z]{16}\$[0-9a-f]{32}",
    "plaid": r"\baccess-(?:sandbox|development|production)-[0-9a-f]{8}-[0-9a-f-]{27}",
    "planetscale": r"\bpscale_(?:tkn|pw|oauth|app_secret)_[A-Za-z0-9=._-]{31,64}",
    "prefect": r"\bpn[ub]_[A-Za-z0-9]{36}",
    "pulumi": r"\bpul-[0-9a-f]{40}",
    "pypi": r"\bpypi-Ag[A-Za-z0-9_-]{60,1000}",
    "replicate": r"\br8_[A-Za-z0-9]{37}",
    "rubygems": r"\brubygems_[0-9a-f]{48}",
    "sentry": r"\b(?:sntryu_[0-9a-f]{64}|sntrys_eyJ[A-Za-z0-9+/=_-]{80,600})",
    "shopify": r"\bshp(?:at|ca|pa|ss|ka|ut|rt)_[0-9a-fA-F]{32}",
    "slack": (
        r"\b(?:xox[abcdeoprs](?:\.xox[bp])?-[0-9A-Za-z%-]{10,260}|xwfp-[0-9A-Za-z-]{20,100}"
        r"|xapp-[0-9]-[A-Z0-9]{6,16}-[0-9]{8,16}-[0-9a-f]{32,64})"
    ),
    "sonarqube": r"\bsq[pua]_[0-9a-f]{40}",
    "sourcegraph": r"\bsgp_(?:[0-9a-f]{16}_|local_)?[0-9a-f]{40}",
    "square": r"\b(?:EAAA[A-Za-z0-9_-]{59,60}|sq0(?:atp|csp|idp|idb)-[A-Za-z0-9_-]{21,43})",
    "supabase access": r"\bsbp_[0-9a-f]{40}",
    "telegram": r"\b(?:bot)?(?P<v>[0-9]{8,10}:AA[A-Za-z0-9_-]{32,33})",
    "terraform": r"\b[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{59,70}",
    "twitch": r"\boauth:[a-z0-9]{30}",
    "twitter": r"\bA{21,22}[A-Za-z0-9%]{60,120}",
    "typeform": r"\btfp_[A-Za-z0-9_.-]{40,60}",
    "vault": r"\bhv[sbr]\.[A-Za-z0-9_-]{23,300}",
    "vercel": r"\bvc[apikrs]_[A-Za-z0-9]{24,80}",
    "yandex": r"\b(?:AQVN[A-Za-z0-9_-]{35,38}|t1\.[A-Za-z0-9_-]{40,300}\.[A-Za-z0-9_-]{80,90})",
}

_WEBHOOKS = {
    "slack webhook": r"(?:https?://)?\bhooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9/_-]{20,120}",
    "discord webhook": r"(?:https?://)?\bdiscord(?:app)?\.com/api/webhooks/[0-9]{17,20}/[A-Za-z0-9_-]{58,80}",
    "teams webhook": r"(?:https?://)?\b[a-z0-9-]{1,40}\.webhook\.office\.com/webhookb2/[A-Za-z0-9@/-]{60,250}",
    "zapier webhook": r"(?:https?://)?\bhooks\.zapier\.com/hooks/catch/[0-9]{4,10}/[A-Za-z0-9]{5,12}",
}

# Forms that other things have too: only beside the service's name, and only where they look drawn by lot.
_SHARED_FORMS = (
    ("aws secret", r"\b(?P<v>[A-Za-z0-9/+]{40})\b", ("aws", "amazon", "secretaccesskey", "secret", "iam", "s3")),
    ("datadog", r"\b[0-9a-f]{32}(?:[0-9a-f]{8})?\b", ("datadog", "dd", "ddog")),
    ("algolia", r"\b[0-9a-f]{32}\b", ("algolia",)),
    ("twilio auth", r"\b[0-9a-f]{32}\b", ("twilio",)),
    ("azure cognitive", r"\b[0-9a-f]{32}\b", ("azure", "cognitive", "subscription")),
    ("pagerduty", r"\b(?:u\+)?[A-Za-z0-9_+-]{18,20}\b", ("pagerduty", "pd")),
    ("fastly", r"\b[A-Za-z0-9_-]{32}\b", ("fastly",)),
    ("cloudflare legacy", r"\b(?:[A-Za-z0-9_-]{40}|[0-9a-f]{37})\b", ("cloudflare", "cf")),
    ("okta", r"\b00[A-Za-z0-9_-]{39,40}\b", ("okta", "ssws")),
    ("heroku legacy", r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", ("heroku", "hec")),
    ("vault legacy", r"\bs\.[A-Za-z0-9]{24}\b", ("vault", "hashicorp")),
    ("linode", r"\b[0-9a-f]{64}\b", ("linode", "vultr", "hetzner")),
    ("kubernetes bootstrap", r"\b[a-z0-9]{6}\.[a-z0-9]{16}\b", ("kubeadm", "bootstrap", "kubernetes")),
)


_SHARED_BY_TOKENS = frozenset(("okta", "vault legacy", "twilio auth", "kubernetes bootstrap"))


def _form(type_: str, service: str, regex: str) -> Pattern:
    return Pattern(type=type_, name=service, regex=rf"{regex}\b", score=0.95, check=secrecy.varied)


# What services that nobody told us of do too: a short name, a mark, and a long tail that was drawn by lot.
_PREFIXED = (
    r"(?:^|[^A-Za-z0-9_./+=-])(?P<v>[A-Za-z][A-Za-z0-9]{1,11}(?:[_-][A-Za-z]{2,12}){0,3}[_.-]"
    r"(?:[A-Za-z0-9]{20,120}|[A-Za-z0-9_-]{8,40}[_.-][A-Za-z0-9_-]{16,120}))(?:$|[^A-Za-z0-9_/+=.-]|\.(?:$|\s))"
)

PATTERNS: tuple[Pattern, ...] = (
    Pattern(type="API_KEY", name="of any service", regex=_PREFIXED, score=0.6, check=secrecy.prefixed),
    *(_form("API_KEY", service, regex) for service, regex in _KEYS.items()),
    *(_form("TOKEN", service, regex) for service, regex in _TOKENS.items()),
    *(_form("SECRET", service, regex) for service, regex in _WEBHOOKS.items()),
    *(
        Pattern(
            type="TOKEN" if service in _SHARED_BY_TOKENS else "API_KEY",
            name=service,
            regex=regex,
            words_first=True,
            score=0.15,
            context=words,
            lifted=0.8,
            check=secrecy.drawn,
        )
        for service, regex, words in _SHARED_FORMS
    ),
)
