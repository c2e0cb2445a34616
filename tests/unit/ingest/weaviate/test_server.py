from pathlib import Path

from ingest.weaviate.server import Node, child, command, environment, private_ports

NODE = Node(Path("/opt/weaviate"), Path("/var/w"), "root-secret", "node-secret", 8090, 8091, private_ports(8091))


def test_it_phones_nobody_and_lets_nobody_in_without_a_key():
    given = environment(NODE)
    assert given["DISABLE_TELEMETRY"] == "true"
    assert given["GO_PROFILING_DISABLE"] == "true"
    assert given["AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED"] == "false"
    assert given["AUTHENTICATION_APIKEY_ENABLED"] == given["AUTHORIZATION_RBAC_ENABLED"] == "true"
    assert given["AUTHENTICATION_APIKEY_ALLOWED_KEYS"] == "root-secret"
    assert given["ENABLE_MODULES"] == "backup-filesystem"


def test_it_stays_on_this_machine():
    assert command(NODE)[1:3] == ("--host", "127.0.0.1")
    given = environment(NODE)
    assert given["CLUSTER_BIND_ADDR"] == given["CLUSTER_ADVERTISE_ADDR"] == "127.0.0.1"


def test_no_two_ports_are_the_same():
    given = environment(NODE)
    ports = [given[name] for name in given if name.endswith("_PORT")]
    assert len({*ports, "8090"}) == 6


def test_no_secret_stands_in_the_command():
    assert not {"root-secret", "node-secret"} & set(" ".join(child(NODE).command).split())
