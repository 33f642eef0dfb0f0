"""The command line as a user meets it: one line of error, an exit code, nothing half-written."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import pytest
from command_line import CommandLine

from benchmark.errors import SystemFault
from benchmark.running import registry
from benchmark.tasks.registry import task_entry

TEMPLATE = Path(__file__).parents[2] / "submissions" / "template"
FLOORS = ["--system", "random", "--system", "bm25", "--system", "clicks-naive"]


def command(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmark", *map(str, arguments)], capture_output=True, text=True, cwd=cwd, check=False
    )


def errors_of(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [line for line in done.stderr.splitlines() if line.startswith(("error:", "failed "))]


def test_ctrl_c_is_said_where_a_command_says_nothing_of_its_own(cli: CommandLine, monkeypatch) -> None:
    def stopped(name: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("benchmark.tasks.registry.task_entry", stopped)
    ended = cli("agreement", "qwen2.5-coder-1.5b-utility")
    assert (ended.code, ended.err) == (130, "interrupted\n")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ["run", "--system", "clicks-navie"],
            "system clicks-navie: there is no such system; did you mean clicks-naive?",
        ),
        (["run", "--task", "insurancqa"], "task insurancqa: there is no such task; did you mean insuranceqa?"),
        (["systems", "--submission", "nowhere"], "nowhere: there is no such folder; start from submissions/template"),
        (["run", "--seed", "-1"], "seed -1: must not be negative"),
        (["run", "--share", "0"], "share 0: must be above 0 and at most 1"),
        (["run", "--share", "1.5"], "share 1.5: must be above 0 and at most 1"),
        (["run", "--share", "0.5"], "share 0.5: leaderboard/results is for whole runs; name another folder: --results"),
        (
            ["run", "--share", "0.5", "--results", "x/../leaderboard/results"],
            "share 0.5: leaderboard/results is for whole",
        ),
        (
            ["run", "--seed", "7"],
            "seed 7: the leaderboard takes seeds 0 to 4 only; name another folder:",
        ),
        (["run", "--track", "gpu"], "track gpu: only the track features"),
        (["run", "--submission", "nowhere"], "nowhere: there is no such folder; start from submissions/template"),
        (["reproduce", "no-such-row"], "row no-such-row: there is no record"),
        (["annotate", "--method", "yes-no", "--setting", "prompt=yes-no-v9"], "yes-no-v9"),
        (["judgments", "--task", "insurancqa"], "task insurancqa: there is no such task; did you mean insuranceqa?"),
        (["annotate", "--method", "yes-no", "--out", "x.csv"], "out x.csv: must end in .parquet"),
        (["leaderboard", "--results", "nowhere", "--out", "pages"], "nowhere: there are no records"),
        (
            ["leaderboard", "--results", "tried"],
            "leaderboard shows leaderboard/results; name another folder: --out tried-pages",
        ),
        (["leaderboard", "--before", "older"], "before older: is compared, not written; add --check"),
    ],
)
def test_a_wrong_configuration_is_one_line(
    cli: CommandLine, tmp_path, monkeypatch, arguments: list[str], told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = cli(*arguments)
    assert ended.code == 2
    assert len(ended.errors) == 1 and ended.err.startswith("error: ") and told in ended.err, ended.err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (
            ["run", "--system", "random", "--seed", "0", "--results", "taken"],
            "taken/insuranceqa/random: Not a directory",
        ),
        (["leaderboard", "--readme", "none.md"], "readme none.md: there is no such file"),
        (["log", "describe", "takn/"], "log takn/: is neither a folder nor a task"),
    ],
)
def test_a_file_that_is_in_the_way_or_not_there_is_one_line(
    cli: CommandLine, tmp_path, monkeypatch, arguments, told
) -> None:
    (tmp_path / "taken").write_text("mine")
    monkeypatch.chdir(tmp_path)
    ended = cli(*arguments)
    assert ended.code == 2
    assert ended.errors[-1].startswith(f"error: {told}")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("run", "With --system just what that names is run, else just these."),
        ("systems", "A submission's folder, whose systems are listed, too"),
    ],
)
def test_help_says_what_a_command_does_with_a_submission(cli: CommandLine, name: str, told: str) -> None:
    assert told in help_of(cli, name)


def test_the_version_is_told(cli: CommandLine) -> None:
    assert cli("--version") == (0, f"click-or-llm {version('click-or-llm')}\n", "")


def test_the_doctor_names_each_package_once(cli: CommandLine) -> None:
    named = re.findall(r"^(?:ok|missing|optional) +([\w.-]+)[: ]", cli("doctor").out, re.MULTILINE)
    packages = [name for name in named if name != "task"]
    assert "gguf" in packages and len(packages) == len(set(packages))


def test_seeds_of_a_row_to_reproduce_are_those_stored(cli: CommandLine) -> None:
    assert "(default: all that have a record)" in help_of(cli, "reproduce")


def help_of(cli: CommandLine, *names: str) -> str:
    """Its words with single spaces and without the frame."""
    return " ".join(cli(*names, "--help").out.replace("│", " ").split())


def test_the_list_of_judgments_says_who_sees_them(cli: CommandLine, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    rows = [[cell.strip() for cell in line.split("│")] for line in cli("judgments").out.splitlines()]
    seen = {row[1]: (row[2], row[-2]) for row in rows if len(row) == 7}
    assert seen["qwen2.5-coder-1.5b-yes-no"] == ("1,200", "systems")
    assert seen["smollm2-135m-graded-demonstrations"][1] == "skylines"
    shipped = task_entry("insuranceqa").all_judgments()
    assert {name for name, (_, by) in seen.items() if by == "none"} == {
        name for name, one in shipped.items() if one.metadata.purpose == "agreement"
    }
    assert seen.keys() == shipped.keys()


def submission(tmp_path: Path, code: str | None = None, **fields: str | None) -> Path:
    folder = tmp_path / "mine"
    shutil.copytree(TEMPLATE, folder)
    told = (folder / "submission.toml").read_text().replace('"template"', '"mine"')
    for field, value in fields.items():
        lines = [line for line in told.splitlines() if not line.startswith(f"{field} =")]
        told = "\n".join([*lines, f"{field} = {value}"] if value is not None else lines)
    (folder / "submission.toml").write_text(told)
    original = (folder / "system.py").read_text().replace("template-famol-shrinkage", "mine-famol")
    (folder / "system.py").write_text(original if code is None else code)
    return folder


FLOOR = """
import numpy as np
import pyterrier as pt
from benchmark import PairScorer, System, system

@system("mine-bad", family="fusion")
class Bad(System):
    "Bad on purpose."

    def fit(self, view):
        {body}
"""


def bad(body: str) -> str:
    return FLOOR.format(body=body)


@pytest.mark.parametrize(
    ("code", "fields", "told"),
    [
        (None, {"contact": None}, "submission.toml: field contact is missing: an e-mail address"),
        (None, {"contact": '"nobody"'}, "submission.toml: contact is 'nobody'; give an e-mail address"),
        (None, {"supervision": '["magic"]'}, "supervision is 'magic'; give a list of clicks, llm, none"),
        (
            None,
            {"supervision": '["clicks", "llm", "human"]'},
            "supervision is 'human'; give a list of clicks, llm, none",
        ),
        (None, {"authors": "[]"}, "submission.toml: authors is empty; give a list of names"),
        (
            None,
            {"supervision": '["clicks", "llm", "none"]'},
            "supervision is clicks, llm, none, but its systems are of family fusion: learns from clicks and llm;",
        ),
        (bad("pass").replace("fusion", "floor"), {"supervision": '["clicks"]'}, "of family floor: learns from none;"),
        (bad("pass").replace("fusion", "probe"), {}, "system mine-bad: family probe is the benchmark's own; choose"),
        (
            None,
            {"supervision": '["clicks"]'},
            "submission.toml: supervision is clicks, but its systems are of family fusion: learns from clicks and llm",
        ),
        (
            bad("pass").replace("fusion", "llm"),
            {},
            "submission.toml: supervision is clicks, llm, but its systems are of family llm: learns from llm;",
        ),
        (None, {"licenc": "1"}, "submission.toml: field licenc is unknown; did you mean licence?"),
        (None, {"name": '"other"'}, "name is 'other', but the folder is 'mine'"),
        (None, {"licence": "["}, "is not TOML"),
        ("import insuranceqa_data\n", {}, "line 1: label leakage: insuranceqa_data"),
        ("from benchmark.tasks.insuranceqa.load import load\n", {}, "label leakage"),
        ("from benchmark import HumanLabels\n", {}, "label leakage: HumanLabels"),
        (bad("return view.human_grades()"), {}, "label leakage: human_grades"),
        ("__import__('ir_datasets')\n", {}, "label leakage: ir_datasets"),
        ("x = (\n", {}, "is not Python"),
        ("x = 1\n", {}, "declares no system"),
        (bad("pass").replace("(System)", ""), {}, "class Bad: is no system; write class Bad(System)"),
        (
            bad("pass").replace('purpose."', "purpose.\"\n    dev_choices = 'epochs'"),
            {},
            "system mine-bad: dev_choices is 'epochs'; give a tuple of texts, as in ('epochs',)",
        ),
        ("1 / 0\n", {}, "ZeroDivisionError"),
        ("raise SystemExit\n", {}, "SystemExit"),
        (
            bad("pass").replace("mine-bad", "fusion-constant"),
            {},
            "system.py: system fusion-constant: the name is taken",
        ),
        (bad("pass").replace("mine-bad", "My_Bad"), {}, "system 'My_Bad': a name is of small letters, digits"),
        (bad("pass").replace('on purpose."', 'on purpose."\n    k: float'), {}, "system mine-bad: its parameters need"),
        (
            bad("pass").replace('on purpose."', 'on purpose."\n    loss: object = system'),
            {},
            "system mine-bad: parameter loss is <function system at 0x",
        ),
        (bad("pass").replace('"fusion"', '"fusion", cite=3'), {}, "system mine-bad: cite is 3; give the key"),
        (
            bad("[view.dev.ndcg(np.zeros(view.dev.docnos.shape)) for _ in range(1001)]").replace(
                'purpose."', "purpose.\"\n    dev_choices = ('all',)"
            ),
            {},
            "numbers of the dev questions were asked for more than 1,000 times; they are for choices",
        ),
        (bad("raise RuntimeError('boom')"), {}, "raised RuntimeError at line 11 of system.py: boom"),
        (bad("pass"), {}, "fit returned NoneType; return a transformer"),
        (bad("pass").replace("fit(", "curriculum("), {}, "curriculum returned NoneType; return a Curriculum"),
        (bad("return PairScorer(lambda q, d: np.full(len(q), np.nan))"), {}, "scores must be finite"),
        (bad("return PairScorer(lambda q, d: np.random.default_rng().random(len(q)))"), {}, "not deterministic"),
        (bad("return pt.apply.generic(lambda r: r.assign(docno='zzz').drop_duplicates(['qid']))"), {}, "not among"),
        (bad("return pt.apply.generic(lambda r: r.iloc[1:])"), {}, "is missing from the results"),
        (bad("return pt.apply.generic(lambda r: r.iloc[list(range(len(r))) + [0]])"), {}, "is returned twice"),
        (
            bad("return pt.apply.generic(lambda r: r.assign(score=r.score + 1j))"),
            {},
            "column score holds 1j (complex); scores must be real numbers",
        ),
        (
            bad("return pt.apply.generic(lambda r: r.assign(score='1.5'))"),
            {},
            "column score holds '1.5' (str); scores must be real numbers",
        ),
        (
            bad("return type('Silent', (), {'transform': lambda self, frame: None})()"),
            {},
            "transform returned NoneType; return a DataFrame",
        ),
        (bad("return pt.apply.generic(lambda r: r.drop(columns=['score']))"), {}, "lack column score"),
    ],
)
def test_what_is_wrong_with_a_submission_is_one_line(tmp_path, restored, task, code, fields, told: str) -> None:
    from benchmark.running.check import check_submission

    problems = check_submission(submission(tmp_path, code, **fields))
    assert len(problems) == 1 and told in problems[0] and "\n" not in problems[0], problems


def test_all_that_is_wrong_with_a_declaration_is_told(tmp_path) -> None:
    from benchmark.running.check import check_submission

    folder = submission(tmp_path, "import ir_datasets\n", contact=None, authors="[3]", refrence="'x'")
    problems = check_submission(folder)
    assert [told.removeprefix(f"{folder}/") for told in problems] == [
        "submission.toml: authors is 3; give a list of names",
        "submission.toml: field contact is missing: an e-mail address",
        "submission.toml: field refrence is unknown; did you mean reference?",
        "system.py, line 1: label leakage: ir_datasets is closed to systems; its qrels hold test grades",
    ]


def test_a_name_that_a_folder_beside_it_has_taken_is_told(tmp_path) -> None:
    from benchmark.running.check import check_submission

    folder = submission(tmp_path)
    shutil.copytree(folder, tmp_path / "theirs")
    (told,) = check_submission(folder)
    assert told.endswith(f"system mine-famol: the name is taken by {tmp_path / 'theirs'}; choose another")
    (tmp_path / "theirs" / "system.py").rename(tmp_path / "theirs" / "famol.py")
    (tmp_path / "theirs" / "system.py").write_text("from . import famol\n")
    assert check_submission(folder) == [told]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("from helper import K, L as M", "from .helper import K, L as M"),
        ("import helper", "from . import helper"),
        ("from helper.inner import K", "from .helper.inner import K"),
    ],
)
def test_an_import_of_an_own_file_that_lacks_the_dot_is_told(tmp_path, written: str, meant: str) -> None:
    from benchmark.running.registry import load_submission

    folder = submission(tmp_path, written)
    (folder / "helper.py").write_text("K = L = 1\n")
    with pytest.raises(SystemFault, match=rf"No module named 'helper'; write: {re.escape(meant)}$"):
        load_submission(folder)


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("import ir_datasets\n", "label leakage: ir_datasets is closed to systems"),
        (bad("pass").replace("fusion", "skyline"), "family skyline is the benchmark's own"),
    ],
)
def test_what_check_refuses_is_not_run(cli: CommandLine, tmp_path, restored, code: str, told: str) -> None:
    folder = submission(tmp_path, code)
    ended = cli("run", "--submission", folder, "--results", tmp_path / "results")
    assert ended.code == 2 and len(ended.errors) == 1 and told in ended.err, ended.err
    assert not (tmp_path / "results").exists()


def test_a_system_may_be_declared_in_any_file_of_a_submission(tmp_path, restored) -> None:
    from benchmark.running.admission import admit

    folder = submission(tmp_path, "from . import other\n")
    (folder / "other.py").write_text(bad("pass"))
    assert [cls.name for cls in admit(folder)] == ["mine-bad"]
    (folder / "other.py").write_text(bad("pass").replace("fusion", "skyline"))
    with pytest.raises(SystemFault, match="family skyline is the benchmark's own"):
        admit(folder)


def test_what_check_refuses_is_not_listed(cli: CommandLine, tmp_path, restored) -> None:
    folder = submission(tmp_path, "import ir_datasets\n")
    ended = cli("systems", "--submission", folder)
    assert (ended.code, ended.out) == (2, "") and "label leakage: ir_datasets is closed to systems" in ended.err


def test_a_submission_that_ends_the_process_that_imports_it_is_named(cli: CommandLine, tmp_path) -> None:
    folder = submission(tmp_path, "import os\nos._exit(0)\n" + bad("pass"))
    ended = cli("run", "--submission", folder, "--results", tmp_path / "results")
    told = f"error: {folder}: the process that imported it died; an import must not end its process"
    assert (ended.code, ended.errors) == (2, [told])
    assert not (tmp_path / "results").exists()


def test_a_submission_may_have_several_files(tmp_path, restored) -> None:
    from benchmark.running.registry import load_submission

    folder = submission(tmp_path, bad("pass").replace("import numpy", "from .numbers import K\nimport numpy"))
    (folder / "numbers.py").write_text("K = 3\n")
    assert [cls.name for cls in load_submission(folder)] == ["mine-bad"]


def test_the_template_is_without_a_problem() -> None:
    done = command("check", TEMPLATE)
    assert done.returncode == 0, done.stderr
    assert "no problem found" in done.stdout


def run_floors(results: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "benchmark", "run", "--share", "0.02", "--seed", "0", "--seed", "1", *FLOORS]  # noqa: RUF005
        + ["--results", str(results), "--workers", "1"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def bytes_of(results: Path) -> dict[str, bytes | dict[str, object]]:
    """Every file; of records and side-cars without the fields that tell time and machine."""
    found: dict[str, bytes | dict[str, object]] = {}
    for path in sorted(path for path in results.rglob("*") if path.is_file()):
        if path.suffix == ".json":
            record = json.loads(path.read_text())
            del record["environment"]
            found[str(path.relative_to(results))] = record
        elif not path.name.endswith(".ir-metadata.yml"):
            found[str(path.relative_to(results))] = path.read_bytes()
    return found


def killed_and_resumed(tmp_path: Path, kills: int, seed: int) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    begun = time.perf_counter()
    assert run_floors(whole).wait() == 0
    usual = time.perf_counter() - begun
    moments = random.Random(seed)
    for _ in range(kills):
        process = run_floors(killed)
        time.sleep(moments.uniform(0.3, 1.0) * usual)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert run_floors(killed).wait() == 0
    assert bytes_of(killed) == bytes_of(whole)


def test_a_killed_run_resumes_to_the_same_bytes(tmp_path) -> None:
    killed_and_resumed(tmp_path, kills=2, seed=0)


@pytest.mark.slow
def test_ten_kills_at_random_moments(tmp_path) -> None:
    killed_and_resumed(tmp_path, kills=10, seed=1)


def test_a_plug_in_that_exits_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    class Exits:
        name, value = "mine", "mine.systems"

        def load(self) -> None:
            sys.exit("no\nlicence")

    monkeypatch.setattr(registry, "entry_points", lambda group: [Exits()])
    with pytest.raises(SystemFault, match=r"^entry point mine = mine\.systems: SystemExit: no licence$"):
        registry.load_systems()


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (
            "raise RuntimeError('[/x] boom [clicks]')",
            "seed 0: raised RuntimeError at line 11 of system.py: [/x] boom [clicks]",
        ),
        ("raise SystemExit(0)", "seed 0: raised SystemExit at line 11 of system.py: 0"),
        ("__import__('os').kill(__import__('os').getpid(), 9)", "seed 0: its process died: killed, perhaps"),
    ],
)
def test_a_cell_that_fails_leaves_nothing_and_spares_the_others(tmp_path, body: str, told: str) -> None:
    folder = submission(tmp_path, bad(body))
    results = tmp_path / "results"
    done = command(
        "run", "--submission", folder, "--system", "mine-bad", "--system", "bm25",
        "--seed", "0", "--share", "0.02", "--results", results,
    )  # fmt: skip
    assert done.returncode == 1 and len(errors_of(done)) == 1 and told in done.stderr
    assert {path.parent.name for path in results.rglob("*") if path.is_file()} == {"bm25"}


def test_a_second_run_does_nothing_and_a_damaged_file_is_made_again(cli: CommandLine, tmp_path) -> None:
    arguments = ["run", "--system", "bm25", "--seed", "0", "--share", "0.02", "--results", tmp_path]
    assert "1 to run" in cli(*arguments).err
    before = bytes_of(tmp_path)
    assert "1 cells done before, 0 to run" in cli(*arguments).err
    run = tmp_path / "insuranceqa" / "bm25" / "0.run.gz"
    run.write_bytes(run.read_bytes()[:100])
    assert "0 cells done before, 1 to run" in cli(*arguments).err
    assert bytes_of(tmp_path) == before
    told = "[OK] insuranceqa/bm25 seed 0: largest difference 0, same run file\n"  # one line, in a pipe, too
    assert cli("reproduce", "bm25", "--results", tmp_path)[:2] == (0, told)


def test_a_run_says_where_training_was_of_no_use(cli: CommandLine, tmp_path) -> None:
    systems = ["--system", "llm-utility", "--system", "minilm-cosine"]
    ended = cli("run", *systems, "--seed", "0", "--share", "0.02", "--results", tmp_path)
    trained, untrained = sorted(line for line in ended.errors if "macro nDCG@10" in line)
    assert trained.endswith(" s; no epoch of training was kept: none ranks the dev questions better than the start")
    assert untrained.endswith(" s")


def test_a_dry_run_says_what_would_be_run_and_why(cli: CommandLine, tmp_path) -> None:
    arguments = ["run", "--system", "bm25", "--system", "random", "--share", "0.02", "--results", tmp_path]
    assert cli(*arguments, "--seed", "0", "--seed", "1").code == 0
    bm25 = tmp_path / "insuranceqa" / "bm25"
    record = json.loads((bm25 / "0.json").read_text())
    (bm25 / "0.json").write_text(json.dumps(record | {"identity": 64 * "0"}))
    (bm25 / "1.run.gz").unlink()
    (tmp_path / "insuranceqa" / "random" / "0.run.gz").write_bytes(b"")
    (tmp_path / "insuranceqa" / "random" / "1.json").write_text(json.dumps({"environment": "none"}))
    before = bytes_of(tmp_path)
    ended = cli(*arguments, "--dry-run", "--seed", "0", "--seed", "1", "--seed", "2", "--seed", "3")
    assert ended.code == 0
    assert ended.errors == [
        "0 cells done before, 8 to run",
        "insuranceqa bm25 seed 0: a record of other code or data",
        "insuranceqa bm25 seed 1: a record without its run.gz",
        "insuranceqa bm25 seed 2 3: no record",
        "insuranceqa random seed 0: a record whose run.gz is damaged",
        "insuranceqa random seed 1: a record that cannot be read",
        "insuranceqa random seed 2 3: no record",
    ]
    assert bytes_of(tmp_path) == before


def test_a_seed_that_the_leaderboard_does_not_take_is_told(cli: CommandLine, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    arguments = ["run", "--system", "bm25", "--seed", "4", "--results", "tried", "--dry-run"]
    lines = []
    for more in ([], ["--seed", "7"]):
        lines.append(cli(*arguments, *more).errors)
    assert "leaderboard" not in " ".join(lines[0])
    assert lines[1][0] == "seed 7: the leaderboard takes seeds 0 to 4 only, and so not the folder tried"


def test_a_part_of_the_task_replaces_no_whole_record(cli: CommandLine, tmp_path) -> None:
    arguments = ["run", "--system", "bm25", "--seed", "0", "--results", tmp_path]
    assert cli(*arguments, "--share", "0.02").code == 0
    path = tmp_path / "insuranceqa" / "bm25" / "0.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"share": 1.0}))
    before = bytes_of(tmp_path)
    ended = cli(*arguments, "--share", "0.02")
    assert ended.code == 2 and ended.errors == [
        f"error: share 0.02: {path} is of the whole task; name another folder: --results tried"
    ]
    assert bytes_of(tmp_path) == before


def test_a_record_of_another_submission_is_not_replaced_and_one_under_a_path_with_a_space_is_reproduced(
    tmp_path,
) -> None:
    folder = submission(tmp_path / "my work", bad("return PairScorer(lambda q, d: np.zeros(len(q)))"))
    arguments = ["run", "--seed", "0", "--share", "0.02", "--results", tmp_path / "results"]
    assert command(*arguments, "--submission", folder).returncode == 0
    done = command("reproduce", "mine-bad", "--results", tmp_path / "results")
    assert done.stdout.startswith("[OK] insuranceqa/mine-bad seed 0: "), done.stderr
    before = bytes_of(tmp_path / "results")
    theirs = tmp_path / "theirs"
    shutil.copytree(folder, theirs)
    declared = theirs / "submission.toml"
    declared.write_text(declared.read_text().replace('"mine"', '"theirs"'))
    done = command(*arguments, "--submission", theirs)
    path = tmp_path / "results" / "insuranceqa" / "mine-bad" / "0.json"
    told = (
        f"system mine-bad: {path} is of the submission {folder}; name the system, or the folder (--results), otherwise"
    )
    assert (done.returncode, errors_of(done)) == (2, [f"error: {told}"])
    assert bytes_of(tmp_path / "results") == before
    path.with_suffix(".ir-metadata.yml").unlink()
    done = command(*arguments, "--submission", folder, "--dry-run")
    assert "mine-bad seed 0: a record without its ir-metadata.yml" in done.stderr


def test_a_tenth_of_the_benchmark_ends_in_a_leaderboard(tmp_path) -> None:
    """Every system on a tenth of the task, with one seed: what a pull request has to get through."""
    results, out = tmp_path / "results", tmp_path / "out"
    done = command("run", "--share", "0.1", "--seed", "0", "--results", results)
    assert done.returncode == 0, done.stderr
    done = command("leaderboard", "--results", results, "--out", out)
    assert done.returncode == 0, done.stderr
    board = json.loads((out / "leaderboard.json").read_text())
    assert len(board["rows"]) >= 15
    assert not any(row["complete"] for row in board["rows"])  # one seed of five
    assert "simulated" in (out / "index.html").read_text()
