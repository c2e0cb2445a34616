"""How a Weaviate of ours is started: one node, with keys, without telemetry. Pure but for `is_ready`."""

import http.client
import os
import socket
from pathlib import Path

from msgspec import Struct

from appliance.children import Program

ROOT = "root"
GRACE = 60.0
"""Seconds to write what is in memory."""
BACKUPS = "backups"


class Node(Struct, frozen=True):
    program: Path
    folder: Path
    root_key: str
    cluster_key: str
    http: int
    grpc: int
    private: tuple[int, int, int]
    """Gossip with the data port after it, and two of Raft: one node asks itself."""


def private_ports(after: int) -> tuple[int, int, int]:
    return after + 1, after + 3, after + 4


def free_node_ports() -> tuple[int, int, tuple[int, int, int]]:
    """For tests: six in a row that nobody has now."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            first = int(probe.getsockname()[1])
        if first < 65_000 and all(_is_free(port) for port in range(first, first + 6)):
            return first, first + 1, private_ports(first + 1)


def child(node: Node, *, captured: bool = False) -> Program:
    return Program(
        name="weaviate",
        command=command(node),
        environment=environment(node),
        grace=GRACE,
        captured=captured,
    )


def command(node: Node) -> tuple[str, ...]:
    return (str(node.program), "--host", "127.0.0.1", "--port", str(node.http), "--scheme", "http")


def environment(node: Node) -> dict[str, str]:
    """All that it gets: nothing of ours is inherited."""
    gossip, raft, raft_rpc = node.private
    return {
        "PATH": os.defpath,
        "HOME": str(node.folder),
        "PERSISTENCE_DATA_PATH": str(node.folder / "data"),
        "ENABLE_MODULES": "backup-filesystem",
        "BACKUP_FILESYSTEM_PATH": str(node.folder / BACKUPS),
        "DEFAULT_VECTORIZER_MODULE": "none",
        "LIMIT_RESOURCES": "true",
        "LOG_LEVEL": "warning",
        **_no_calls_home(),
        **_keys(node),
        "GRPC_PORT": str(node.grpc),
        "CLUSTER_HOSTNAME": "node1",
        "CLUSTER_IN_LOCALHOST": "true",
        "CLUSTER_BIND_ADDR": "127.0.0.1",
        "CLUSTER_ADVERTISE_ADDR": "127.0.0.1",
        "CLUSTER_GOSSIP_BIND_PORT": str(gossip),
        "CLUSTER_DATA_BIND_PORT": str(gossip + 1),
        "RAFT_BOOTSTRAP_EXPECT": "1",
        "RAFT_PORT": str(raft),
        "RAFT_INTERNAL_RPC_PORT": str(raft_rpc),
    }


def is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/v1/.well-known/ready")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _no_calls_home() -> dict[str, str]:
    return {"DISABLE_TELEMETRY": "true", "GO_PROFILING_DISABLE": "true", "PROMETHEUS_MONITORING_ENABLED": "false"}


def _keys(node: Node) -> dict[str, str]:
    return {
        "AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED": "false",
        "AUTHENTICATION_APIKEY_ENABLED": "true",
        "AUTHENTICATION_APIKEY_ALLOWED_KEYS": node.root_key,
        "AUTHENTICATION_APIKEY_USERS": ROOT,
        "AUTHENTICATION_DB_USERS_ENABLED": "true",
        "AUTHORIZATION_RBAC_ENABLED": "true",
        "AUTHORIZATION_RBAC_ROOT_USERS": ROOT,
        "CLUSTER_BASIC_AUTH_USERNAME": "node",
        "CLUSTER_BASIC_AUTH_PASSWORD": node.cluster_key,
    }


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("0.0.0.0", port))  # noqa: S104
        except OSError:
            return False
    return True
