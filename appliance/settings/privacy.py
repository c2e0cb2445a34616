"""The settings of privacy: what is found, and what becomes of it."""

from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

from appliance.settings.section import Days, Name, Positive, Seconds, Section, Share, about

Mode = Literal["mask", "pass", "refuse"]
Action = Literal["mask", "keep", "generalise", "drop", "operator"]
Answers = Literal["keep", "mask", "stop"]
Place = Literal["on_site", "cloud"]


Region = Annotated[str, Meta(min_length=2, max_length=2)]

PHONE_REGIONS = (
    *("US", "GB", "CA", "AU", "DE", "FR", "ES", "IT", "NL", "BE", "PT", "PL", "SE"),
    *("DK", "NO", "FI", "IE", "CH", "AT", "IN", "SG", "BR", "NG", "KE", "ZA"),
)
"""As ISO 3166 has them: GB, not UK."""


class PrivacyPolicy(Section, frozen=True):
    mode: Annotated[
        Mode,
        about(
            "For engines on site: `mask` replaces what is personal by placeholders, `pass` sends the text as it is, "
            "`refuse` turns a request with anything personal away."
        ),
    ] = "mask"
    embeddings: Annotated[Mode | None, about("The same for what is embedded; unset: as `mode`.")] = None
    cloud: Annotated[
        Literal["mask", "refuse"],
        about(
            "For engines in a cloud, unless `mode` is stricter: `mask`, or `refuse`, which sends them no request with "
            "anything personal."
        ),
    ] = "mask"
    types: Annotated[
        dict[str, Action],
        about(
            'What happens to a type that is not masked, such as `IP_ADDRESS = "generalise"`; '
            "`ringfence privacy types` lists them. What is kept is masked for a cloud."
        ),
    ] = {}


class Recognizer(Section, frozen=True):
    """A recognizer of a tenant's own."""

    name: Annotated[Name, about("A name of your own for it.")]
    type: Annotated[Name, about("The type of what it finds: one of the catalogue, or one of your own.")]
    regex: Annotated[
        str, about("RE2 syntax, every repetition bounded; what is personal is its group `v`, or all of it.")
    ]
    score: Annotated[Share, about("How sure the form alone is.")] = 0.5
    context: Annotated[tuple[str, ...], about("Words of which one nearby makes it surer.")] = ()
    checksum: Annotated[str, about("What its digits must satisfy, such as `luhn` or `mod97`.")] = "none"
    matches: Annotated[tuple[str, ...], about("Texts in which it must find something; tried at the start.")] = ()
    rejects: Annotated[tuple[str, ...], about("Texts in which it must find nothing; tried at the start.")] = ()


class TenantPrivacy(Section, frozen=True):
    policy: Annotated[PrivacyPolicy | None, about("The tenant's policy; unset: `privacy.policy`.")] = None
    answers: Annotated[Answers | None, about("The same as `privacy.answers`; unset: what it says.")] = None
    allow: Annotated[tuple[str, ...], about("Values that are never personal, beside `privacy.allow`.")] = ()
    deny: Annotated[dict[str, str], about("Values that always are, beside `privacy.deny`, each with its type.")] = {}
    thresholds: Annotated[dict[str, Share], about("Least score of a type, in place of `privacy.thresholds`.")] = {}
    recognizers: Annotated[
        tuple[Recognizer, ...], about("Recognizers of the tenant's own, beside `privacy.recognizers`.")
    ] = ()
    phone_regions: Annotated[
        tuple[Region, ...] | None, about("Regions of its customers' telephones; unset: `privacy.phone_regions`.")
    ] = None


class PresidioOperator(Section, frozen=True):
    """One of Presidio's operators, with its parameters as Presidio names them."""

    type: Annotated[Literal["mask", "hash", "replace", "redact", "encrypt"], about("Presidio's name of the operator.")]
    masking_char: Annotated[Annotated[str, Meta(min_length=1, max_length=1)], about("mask: what is put there.")] = "*"
    chars_to_mask: Annotated[Positive, about("mask: how many characters.")] = 1_000
    from_end: Annotated[bool, about("mask: from the end of the value.")] = False
    new_value: Annotated[str, about("replace: the new text; empty is the type, as `<PERSON>`.")] = ""
    hash_type: Annotated[Literal["sha256", "sha512"], about("hash: which one.")] = "sha256"
    salt: Annotated[str, about("hash: 16 bytes or more, or anybody could try values.", secret=True)] = ""
    key: Annotated[str, about("encrypt: 16, 24 or 32 bytes.", secret=True)] = ""


class Presidio(Section, frozen=True):
    recognizers: Annotated[
        Path | None, about("A YAML file of Presidio's with recognizers, which find beside ours (extra `presidio`).")
    ] = None
    operators: Annotated[
        dict[str, PresidioOperator],
        about(
            "What Presidio makes of the values of a type whose action is `operator` (extra `presidio`): "
            "`[privacy.presidio.operators.PHONE_NUMBER]`."
        ),
    ] = {}


class Privacy(Section, frozen=True):
    policy: Annotated[PrivacyPolicy, about("What engines may see of what is personal.")] = PrivacyPolicy()
    answers: Annotated[
        Answers,
        about(
            "What happens to a value in an answer that its caller did not bring: `keep` tells it, `mask` tells its "
            "type, `stop` ends the answer there."
        ),
    ] = "keep"
    names: Annotated[
        str,
        about(
            "What finds names of people and places: `off`, `rampart`, or `spacy:`, `gliner:`, `transformers:` and a "
            "folder or package (extra `presidio`)."
        ),
    ] = "rampart"
    allow: Annotated[tuple[str, ...], about("Values that are never personal, such as your own host names.")] = ()
    deny: Annotated[dict[str, str], about('Values that always are, each with its type: `"Project X" = "SECRET"`.')] = {}
    thresholds: Annotated[dict[str, Share], about("Least score of a type, where it is not the catalogue's.")] = {}
    recognizers: Annotated[tuple[Recognizer, ...], about("Recognizers of your own.")] = ()
    phone_regions: Annotated[
        tuple[Region, ...],
        about(
            "Regions whose telephone numbers are known without a country's code, as ISO 3166 names them: `GB`, not "
            "`UK`. Fewer regions find fewer numbers that are none."
        ),
    ] = PHONE_REGIONS
    presidio: Presidio = Presidio()
    tenants: Annotated[dict[str, TenantPrivacy], about("What differs for one tenant.")] = {}
    deadline_seconds: Annotated[
        Seconds,
        about("Processor time that checking one text may take; then the request is refused, nothing is skipped."),
    ] = 2.0
    keep_days: Annotated[
        Days,
        about(
            "How long values of a conversation are kept, encrypted, for its later requests; 0 keeps none. A "
            "conversation is what one caller sends with one `x-session-id`."
        ),
    ] = 0
    memory_bytes: Annotated[
        Positive, about("What a worker may keep of where it found things, so that a conversation is checked once.")
    ] = 16 << 20
    key: Annotated[
        str,
        about(
            "Key of the placeholders; empty takes one derived from `identity.pepper`.",
            secret=True,
        ),
    ] = ""
