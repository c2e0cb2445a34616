"""OpenAI's request bodies, as far as Ringfence must understand them. What it does not know passes through."""

import re
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from appliance.errors import InvalidRequest
from appliance.privacy.record import Record
from inference.messages import Task

Positive = Annotated[int, Meta(ge=1)]
Probability = Annotated[float, Meta(ge=0, le=1)]
Penalty = Annotated[float, Meta(ge=-2, le=2)]
Choices = Annotated[int, Meta(ge=1, le=128)]
Name = Annotated[str, Meta(min_length=1, max_length=256)]
Stop = str | Annotated[list[str], Meta(max_length=16)]
Body = TypeVar("Body")
Token = Annotated[int, Meta(ge=0)]
TypeName = Annotated[str, Meta(min_length=1, max_length=48)]
Value = Annotated[str, Meta(min_length=1, max_length=256)]
# A text, several, tokens, or several lists of tokens; `read` refuses mixtures.
Texts = str | Annotated[list[str | Token | list[Token]], Meta(min_length=1, max_length=2048)]


class JsonObject(Struct, gc=False):
    """Whatever is in it is for the engine: it is skipped, and takes neither memory nor time here."""


class Extension(Struct, forbid_unknown_fields=True):
    """What a caller tells Ringfence itself; no engine sees it."""

    record: Annotated[dict[TypeName, Annotated[list[Value], Meta(max_length=64)]], Meta(max_length=32)] | None = None
    """Values of the customer whom this is about, by their types."""


class Extended(Struct, kw_only=True):
    ringfence: Extension | UnsetType | None = UNSET

    @property
    def record(self) -> Record | None:
        return self.ringfence.record if self.ringfence else None


class StreamOptions(Struct):
    include_usage: bool | None = None


class Function(Struct):
    name: Annotated[str, Meta(min_length=1, max_length=128)]
    description: str | None = None
    parameters: JsonObject | None = None
    strict: bool | None = None


class Tool(Struct):
    function: Function
    type: Literal["function"] = "function"


class NamedFunction(Struct):
    name: str


class NamedTool(Struct):
    function: NamedFunction
    type: Literal["function"] = "function"


class CalledFunction(Struct):
    name: str
    arguments: str


class CalledTool(Struct):
    id: str
    function: CalledFunction
    type: Literal["function"] = "function"


class Message(Struct):
    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[JsonObject] | None = None
    name: str | None = None
    tool_calls: list[CalledTool] | None = None
    tool_call_id: str | None = None


class ResponseFormat(Struct):
    type: Literal["text", "json_object", "json_schema"]
    json_schema: JsonObject | None = None


class Generation(Extended, kw_only=True):
    """What chat and plain completions have in common."""

    model: Name
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_tokens: Positive | None = None
    n: Choices | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Probability | None = None
    presence_penalty: Penalty | None = None
    frequency_penalty: Penalty | None = None
    stop: Stop | None = None
    seed: int | None = None
    logit_bias: dict[str, float] | None = None
    user: str | None = None
    # vLLM's own: with these a caller would jump its queue, or fetch what others have in its cache.
    priority: None = None
    kv_transfer_params: None = None
    ec_transfer_params: None = None

    @property
    def most_tokens(self) -> int | None:
        return self.max_tokens

    @property
    def answers(self) -> int:
        """How many texts the engine is to write."""
        return self.n or 1


class ChatRequest(Generation, kw_only=True):
    messages: Annotated[list[Message], Meta(min_length=1)]
    max_completion_tokens: Positive | None = None
    logprobs: bool | None = None
    top_logprobs: Annotated[int, Meta(ge=0, le=20)] | None = None
    tools: list[Tool] | None = None
    tool_choice: Literal["none", "auto", "required"] | NamedTool | None = None
    parallel_tool_calls: bool | None = None
    response_format: ResponseFormat | None = None

    @property
    def most_tokens(self) -> int | None:
        return self.max_completion_tokens or self.max_tokens


class CompletionRequest(Generation, kw_only=True):
    prompt: Texts
    suffix: str | None = None
    echo: bool | None = None
    best_of: Choices | None = None
    logprobs: Annotated[int, Meta(ge=0, le=20)] | None = None

    @property
    def answers(self) -> int:
        several = isinstance(self.prompt, list) and not isinstance(self.prompt[0], int)
        return (len(self.prompt) if several else 1) * max(self.n or 1, self.best_of or 1)


class EmbeddingRequest(Extended, kw_only=True):
    model: Name
    input: Texts
    encoding_format: Literal["float", "base64"] | None = None
    dimensions: Positive | None = None
    user: str | None = None
    priority: None = None


class TokenizeRequest(Extended, kw_only=True):
    model: Name
    prompt: str | None = None
    messages: list[Message] | None = None
    add_special_tokens: bool | None = None


class DetokenizeRequest(Extended, kw_only=True):
    model: Name
    tokens: list[Token]


Request = ChatRequest | CompletionRequest | EmbeddingRequest | TokenizeRequest | DetokenizeRequest

BY_TASK: dict[Task, type[Request]] = {
    "chat": ChatRequest,
    "completions": CompletionRequest,
    "embeddings": EmbeddingRequest,
    "tokenize": TokenizeRequest,
    "detokenize": DetokenizeRequest,
}
_decoders: dict[Task, msgspec.json.Decoder[Any]] = {task: msgspec.json.Decoder(kind) for task, kind in BY_TASK.items()}

_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])

_PLACE = re.compile(r" - at `(?:key in )?\$\.?(.*)`$")
# What was sent may be personal, and applications log the errors they get.
_QUOTED = re.compile(r"(?<=^Invalid enum value) .*", re.DOTALL)
_MISSING = re.compile(r"missing required field `(\w+)`")


def read(task: Task, body: bytes) -> Request:
    """The checked request, or an error that names the parameter as OpenAI does."""
    request: Request = decode(_decoders[task], body)
    if isinstance(request, TokenizeRequest) and (request.prompt is None) == (request.messages is None):
        raise InvalidRequest("Give either prompt or messages.", param="prompt")
    if isinstance(request, EmbeddingRequest):
        _refuse_mixture("input", request.input)
    elif isinstance(request, CompletionRequest):
        _refuse_mixture("prompt", request.prompt)
    return request


def for_engines(request: Request, body: bytes) -> bytes:
    """The body without what is for Ringfence alone."""
    if request.ringfence is UNSET:
        return body
    fields = _fields.decode(body)
    del fields["ringfence"]
    return msgspec.json.encode(fields)


def decode(decoder: msgspec.json.Decoder[Body], body: bytes) -> Body:
    try:
        if not body.isascii():
            str(body, "utf-8")  # the decoder does not look into what it skips
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise _wrong(str(error)) from error
    except RecursionError as error:
        raise InvalidRequest("The body is nested too deeply. Send a flatter one.", code="invalid_json") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidRequest(
            f"The body is not valid JSON: {error}. Send one JSON object.", code="invalid_json"
        ) from error


def _refuse_mixture(param: str, texts: Any) -> None:
    if isinstance(texts, list) and len({type(each) for each in texts}) > 1:
        raise InvalidRequest(f"Invalid '{param}': it mixes texts and tokens. Send one kind.", param=param)


def _wrong(text: str) -> InvalidRequest:
    place = _PLACE.search(text)
    param = place[1] if place else ""
    reason = _QUOTED.sub("", _PLACE.sub("", text))
    if missing := _MISSING.search(text):
        param = f"{param}.{missing[1]}" if param else missing[1]
        return InvalidRequest(
            f"Missing required parameter: '{param}'. Add it.", param=param, code="missing_required_parameter"
        )
    if not param:
        return InvalidRequest(f"The body must be a JSON object ({reason}). Send one JSON object.")
    return InvalidRequest(f"Invalid '{param}': {reason[:1].lower()}{reason[1:]}. Change it.", param=param)
