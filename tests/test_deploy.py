"""The files in deploy/ are parsed by the programs that read them, where those are installed."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
SETTINGS = {
    "SITE": "voice.example.org",
    "TURN_SECRET": "north-of-the-wall",
    "SERVICE_KEYS": "one two",
}


def program(name: str) -> str:
    found = shutil.which(name, path=os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/sbin"]))
    return found or pytest.skip(f"{name} is not installed")


def run(*command: str | Path, timeout_s: float = 60, **environment: str) -> str:
    done = subprocess.run(
        [*map(str, command)],
        capture_output=True,
        text=True,
        timeout=timeout_s,
        env=os.environ | environment,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def text(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def in_mb(name: str, pattern: str) -> int:
    (found,) = re.findall(pattern, text(name))
    return int(found)


@pytest.fixture
def compose() -> dict:
    return pytest.importorskip("yaml").safe_load(text("compose.yaml"))


def test_compose_starts_app_service_proxy_and_relay(compose):
    assert set(compose["services"]) == {"app", "service", "proxy", "turn"}
    for name in ("app", "service"):
        built = compose["services"][name]
        assert built["read_only"]
        assert built["cap_drop"] == ["ALL"]
        assert "ports" not in built  # nobody gets past the proxy
        build = (DEPLOY / built["build"]["context"]).resolve()
        assert build == ROOT
        assert (build / built["build"]["dockerfile"]).is_file()
    for service in compose["services"].values():
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            assert source in compose["volumes"] or (DEPLOY / source).is_file()


def test_the_service_is_started_as_it_wants_to_be(compose, monkeypatch):
    service = compose["services"]["service"]
    start, *_, serve, option, host = service["command"]
    assert re.search(rf"^COPY \S+ \S+/{start}$", text("Dockerfile"), re.M)
    unit = text("systemd/speech-emotion-service.service")
    from ser_core.cli import build_parser
    from ser_core.errors import SerError
    from ser_core.service.command import settings_of
    from ser_core.service.settings import KEYS

    keys = text("systemd/speech-emotion-service.env.example").splitlines()[-1]
    assert keys == f"{KEYS}="
    assert KEYS in service["environment"]
    options = build_parser().parse_args([serve, option, host])
    with pytest.raises(SerError):  # without a key it does not start
        settings_of(options)
    monkeypatch.setenv(KEYS, "one two")
    assert settings_of(options).keys == ("one", "two")
    assert f"\nExecStartPre=/usr/bin/test -n ${{{KEYS}}}\n" in unit
    (line,) = re.findall(r"^ExecStart=\S+ -m ser_core (.*)$", unit, re.M)
    local = build_parser().parse_args(line.split())
    for proxy, address in (
        ("nginx.conf", f"http://{local.host}:{local.port}"),
        ("Caddyfile", f"service:{options.port}"),
    ):
        assert address in text(proxy)
    assert f"127.0.0.1:{options.port}/ready" in " ".join(service["healthcheck"]["test"])


def test_only_the_service_s_own_addresses_are_let_through():
    from ser_core.service.routes import router
    from ser_core.service.stream import router as streams

    inside = {"/health", "/ready", "/metrics"}
    outside = {route.path for route in (*router.routes, *streams.routes)} - inside
    assert all(path.startswith("/v1/") for path in outside)
    assert "path /v1/* /openapi.json\n" in text("Caddyfile")
    assert "location ~ ^/(v1/|openapi\\.json$) {" in text("nginx.conf")


def test_every_variable_of_compose_is_explained(compose):
    used = {name for name in re.findall(r"\$\{(\w+)", text("compose.yaml"))}
    explained = set(re.findall(r"^(\w+)=", text(".env.example"), re.M))
    assert used == explained
    assert re.search(r"^TURN_SECRET=$", text(".env.example"), re.M)
    assert re.search(r"^SERVICE_KEYS=$", text(".env.example"), re.M)


def test_docker_accepts_the_compose_file():
    docker = program("docker")
    known = subprocess.run([docker, "compose", "version"], capture_output=True, check=False)
    if known.returncode:
        pytest.skip("docker has no compose plugin")
    run(docker, "compose", "-f", DEPLOY / "compose.yaml", "config", "--quiet", **SETTINGS)


def test_the_image_holds_the_app_and_no_corpora():
    copied = re.findall(r"^COPY (.+) \S+$", text("Dockerfile"), re.M)
    sources = {name for line in copied for name in line.split()}
    assert all((ROOT / name).exists() for name in sources)
    allowed = {line[1:] for line in text("Dockerfile.dockerignore").splitlines() if line[:1] == "!"}
    assert {name.partition("/config.toml")[0] for name in allowed} == sources
    assert not any(name.startswith(("data", "train", "tests")) for name in allowed)
    assert "USER 10001" in text("Dockerfile")


def test_the_start_script_is_a_shell_script():
    run(program("sh"), "-n", DEPLOY / "start.sh")


def test_no_layer_stops_an_upload_before_the_app_does():
    config = tomllib.loads((ROOT / ".streamlit/config.toml").read_text(encoding="utf-8"))
    most_mib = config["server"]["maxUploadSize"]
    assert in_mb("Caddyfile", r"max_size (\d+)MB") * 1e6 > most_mib * 2**20
    assert in_mb("nginx.conf", r"client_max_body_size (\d+)m;") > most_mib
    assert re.search(r"UPLOAD_SPACE=1g", text(".env.example"))


@pytest.mark.parametrize(
    "settings", [{}, {"UPSTREAMS": "app1:8501 app2:8501", "BALANCE": "cookie ser_replica"}]
)
def test_caddy_accepts_its_file(settings, tmp_path):
    command = (program("caddy"), "validate", "--adapter", "caddyfile", "--config")
    run(*command, DEPLOY / "Caddyfile", HOME=str(tmp_path), **SETTINGS, **settings)


def test_nginx_accepts_its_file(tmp_path):
    nginx, openssl = program("nginx"), program("openssl")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = ("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=voice.example.org")
    run(openssl, *made, "-keyout", key, "-out", certificate)
    site = re.sub(r"(ssl_certificate) .*;", rf"\1 {certificate};", text("nginx.conf"))
    site = re.sub(r"(ssl_certificate_key) .*;", rf"\1 {key};", site)
    site = site.replace("listen 80;", "listen 18080;").replace("listen 443 ", "listen 18443 ")
    whole = tmp_path / "nginx.conf"
    whole.write_text(
        f"pid {tmp_path}/nginx.pid;\nerror_log stderr;\nevents {{}}\nhttp {{ access_log off;\n"
        f"client_body_temp_path {tmp_path}/body;\nproxy_temp_path {tmp_path}/proxy;\n"
        f"fastcgi_temp_path {tmp_path}/f;\nuwsgi_temp_path {tmp_path}/u;\n"
        f"scgi_temp_path {tmp_path}/s;\n{site}\n}}\n"
    )
    run(nginx, "-t", "-c", whole)


def test_coturn_knows_every_setting(tmp_path):
    coturn = program("turnserver")
    given = {"realm": "a", "static-auth-secret": "b", "listening-port": "0"}
    given |= dict.fromkeys(("relay-ip", "allowed-peer-ip", "listening-ip"), "127.0.0.1")
    given |= {"pidfile": str(tmp_path / "pid"), "db": str(tmp_path / "db")}
    command = [coturn, "-c", DEPLOY / "turnserver.conf", *(f"--{k}={v}" for k, v in given.items())]
    try:  # it has no mode that only checks
        said = run(*command, timeout_s=3)
    except subprocess.TimeoutExpired as running:
        said = (running.stdout or b"").decode()
    assert "use-auth-secret" in text("turnserver.conf")
    assert not re.search(r"bad configuration|unrecognized|unknown", said, re.I), said


@pytest.mark.parametrize("name", ["speech-emotion@.service", "speech-emotion-service.service"])
def test_systemd_accepts_the_units(name, tmp_path):
    verify = (program("systemd-analyze"), "verify")
    unit = text(f"systemd/{name}")
    assert "Environment=OMP_NUM_THREADS=1" in unit
    copy = tmp_path / name.replace("@", "@8501")
    # the program is not where it will be installed
    copy.write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", unit, flags=re.M))
    done = subprocess.run([*verify, copy], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "speech-emotion" not in done.stderr  # a warning about a line of it


def test_the_settings_in_the_examples_are_those_of_the_app():
    from pages.shared.live.ice_settings import from_environment, parse

    lines = re.findall(r'^(\w+)="?([^"\n]*)"?$', text("systemd/speech-emotion.env.example"), re.M)
    example = dict(lines) | {"SER_ICE_SECRET": "north-of-the-wall"}
    assert len(parse(from_environment(example)).turn) == 2
    assert set(re.findall(r"SER_ICE_\w+", text("compose.yaml"))) == {
        name for name in example if name.startswith("SER_ICE_")
    }
