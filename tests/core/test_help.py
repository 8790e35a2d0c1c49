"""The command line explains itself, and a shell completes it."""

import re
import shlex
import shutil
import subprocess

import pytest

from ser_core.cli import build_parser, main

COMMANDS = ("predict", "batch", "serve", "models", "words", "app", "completion")


def shown(capsys, *arguments: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "--help"])
    assert ended.value.code == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("command", [(), *((name,) for name in COMMANDS)], ids=str)
def test_help_has_examples_that_are_understood(command, capsys):
    told = shown(capsys, *command).partition("\nexamples:\n")[2]
    lines = re.findall(r"^  speech-emotion (.*)$", told, re.M)
    assert lines
    for line in lines:
        if not line.endswith("--help"):
            words = shlex.split(line.partition(" > ")[0], comments=True)
            options, rest = build_parser().parse_known_args(words)
            assert not rest or words[0] == "app"
            assert options.run


def test_help_names_every_command(capsys):
    told = shown(capsys)
    assert [name for name in COMMANDS if not re.search(rf"^    {name}\b", told, re.M)] == []


def completed(folder, script: str, line: str) -> list[str]:
    """What bash offers for the last word of a line."""
    (folder / "script.bash").write_text(script)
    words = " ".join(map(shlex.quote, line.split(" ")))
    tried = f"""
        source script.bash
        COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
        _shtab_speech_emotion speech-emotion "${{COMP_WORDS[-1]}}" "${{COMP_WORDS[-2]}}"
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(
        [shutil.which("bash"), "--norc", "-c", tried], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return sorted({each.strip() for each in done.stdout.split("\n")} - {""})


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not installed")
def test_bash_completes_commands_options_choices_and_files(tmp_path, capsys):
    assert main(["completion", "bash"]) == 0
    script = capsys.readouterr().out
    (tmp_path / "talk.wav").touch()
    (tmp_path / "tables").mkdir()
    assert completed(tmp_path, script, "speech-emotion pre") == ["predict"]
    assert completed(tmp_path, script, "speech-emotion predict --ad") == ["--adapt"]
    assert completed(tmp_path, script, "speech-emotion predict --adapt se") == ["session"]
    assert "talk.wav" in completed(tmp_path, script, "speech-emotion predict ta")
    assert completed(tmp_path, script, "speech-emotion batch talk.wav --out t") == ["tables"]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_get_every_command(shell, tmp_path, capsys):
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert [name for name in COMMANDS if name not in script] == []
    assert "speech-emotion" in script
    (tmp_path / "script").write_text(script)
    if shutil.which(shell):
        subprocess.run([shell, "-n", tmp_path / "script"], check=True)
