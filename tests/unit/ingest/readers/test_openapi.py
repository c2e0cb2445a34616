import json

from tests.unit.ingest.readers.reading import read, refused

API = {
    "openapi": "3.1.0",
    "info": {"title": "Line check", "version": "2", "description": "Measures lines."},
    "paths": {
        "/lines/{id}": {
            "parameters": [{"$ref": "#/components/parameters/Id"}],
            "get": {"summary": "State of a line", "responses": {"200": {"description": "The state"}}},
            "post": {
                "description": "Measures now.",
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}},
                "responses": {"202": {"description": "Ordered"}, "404": {"description": "No such line"}},
            },
        }
    },
    "components": {
        "parameters": {"Id": {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}},
        "schemas": {
            "Order": {
                "type": "object",
                "required": ["kind"],
                "properties": {
                    "kind": {"type": "string", "enum": ["fast", "full"], "description": "How deep"},
                    "again": {"$ref": "#/components/schemas/Order"},
                },
            }
        },
    },
}
GET = "GET /lines/{id}\nState of a line\nparameter id (path string, required)\nresponse 200: The state"
YAML = 'openapi: "3.0.0"\ninfo: {title: T}\npaths:\n  /a:\n    get: {summary: Reads, responses: {}}\n'


def test_an_operation_is_a_block():
    content = read("api.json", json.dumps(API))
    assert content.title == "Line check 2"
    assert [each.text for each in content.blocks if each.kind == "heading"] == [
        "Line check 2",
        "GET /lines/{id}",
        "POST /lines/{id}",
    ]
    code = [each.text for each in content.blocks if each.kind == "code"]
    assert code[0] == GET
    assert "  kind (string, required, one of fast full): How deep" in code[1]


def test_a_shape_that_holds_itself_ends():
    assert read("api.json", json.dumps(API)).text.count("again (object)") == 4


def test_yaml_is_read_too():
    assert read("api.yaml", YAML).blocks[-1].text == "GET /a\nReads"


def test_what_is_broken_or_names_python_is_damaged():
    assert refused("api.json", b'{"openapi": "3.1.0"') == "damaged"
    assert refused("api.yaml", b"openapi: 3.0.0\na: !!python/object/apply:os.system [ls]\n") == "damaged"
