"""Files of usage: how they are packed and written, what is counted once, which days are whole, what is joined."""

import csv
import gzip
import io
import json
import os
import random
import threading
import time
import weakref
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from switchpoint.owndata import csv_rows, json_rows, streaming
from switchpoint.owndata.reading import UsageRead, read_usage
from switchpoint.scenario.errors import ScenarioError
from tests import usage_samples as samples

NOON = int(datetime(2027, 1, 1, 12, tzinfo=UTC).timestamp())


def write(path: Path, text: str | bytes) -> Path:
    """A file that was written long after what it holds."""
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    os.utime(path, (NOON, NOON))
    return path


def read(folder: Path, text: str | bytes, **options: object) -> UsageRead:
    """What is read of one CSV with this text."""
    return read_usage([write(folder / "usage.csv", text)], **options)


def daily(first: str, requests: list[float]) -> str:
    """A plain CSV of requests by day."""
    days = pd.date_range(first, periods=len(requests)).strftime("%Y-%m-%d")
    return "date,requests\n" + "".join(f"{day},{number:g}\n" for day, number in zip(days, requests, strict=True))


def hourly(first: str, hours: int, each: int = 10) -> str:
    """A plain CSV of requests by hour."""
    moments = pd.date_range(first, periods=hours, freq="h").strftime("%Y-%m-%dT%H:%M")
    return "date,requests\n" + "".join(f"{moment},{each}\n" for moment in moments)


def test_a_reader_is_waited_for_until_its_thread_has_let_go_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread that did so while the program ended took it down, with exit code 134."""
    held: list[weakref.ref[object]] = []

    def reader(stream: object, *_: object) -> Iterator[object]:
        held.append(weakref.ref(stream))
        threading.Thread(target=lambda late: time.sleep(0.05) or late, args=(stream,)).start()
        return iter(())

    monkeypatch.setattr(csv_rows, "_open_reader", reader)
    with pytest.raises(ScenarioError, match="has no rows"):
        read(tmp_path, daily("2027-01-01", []))
    assert [stream() for stream in held] == [None]


class TestHowFilesAreWritten:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
    @pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
    def test_any_encoding_and_line_end(self, encoding: str, ends: str, tmp_path: Path) -> None:
        found = read(tmp_path, samples.PLAIN.replace("\n", ends).encode(encoding))
        assert found.table["input_tokens"].sum() == 2500

    def test_semicolons_with_decimal_commas(self, tmp_path: Path) -> None:
        found = read(tmp_path, "date;requests;cost_usd\n27.09.2026;1.200;0,50\n28.09.2026;1.300;1.234,25\n")
        assert list(found.table["requests"]) == [1200, 1300]
        assert list(found.table["cost_usd"]) == [0.5, 1234.25]

    def test_a_number_that_can_be_read_in_two_ways_is_refused(self, tmp_path: Path) -> None:
        text = "date;requests\n2026-09-27;1.200\n2026-09-28;1.300\n"
        with pytest.raises(ScenarioError, match=r"can be read in one way: 1200 or 1.2, not 1.200; got 1.200"):
            read(tmp_path, text)
        assert read(tmp_path, text + "2026-09-29;1.234.567\n").table["requests"].max() == 1_234_567

    def test_a_day_that_can_be_read_in_two_ways_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(ScenarioError, match="date: must be a date such as 2026-09-27"):
            read(tmp_path, "date,requests\n03/04/2026,5\n")

    def test_semicolons_with_decimal_points(self, tmp_path: Path) -> None:
        found = read(tmp_path, "sep=;\ndate;requests;cost_usd\n2026-09-27;1200;0.50\n")
        assert found.table["cost_usd"].sum() == 0.5

    def test_tabs_quotes_and_thousands(self, tmp_path: Path) -> None:
        found = read(tmp_path, '"date"\t"requests"\n"2026-09-27"\t"1,234,567"\n')
        assert found.table["requests"].sum() == 1234567

    def test_columns_in_any_order_with_others_between(self, tmp_path: Path) -> None:
        found = read(tmp_path, "note, Requests ,DATE\nx,5,2026-09-27\n")
        assert found.table["requests"].sum() == 5

    def test_packed_files(self, tmp_path: Path) -> None:
        write(tmp_path / "a.csv.gz", gzip.compress(samples.PLAIN.encode()))
        assert read_usage([tmp_path / "a.csv.gz"]).table["requests"].sum() == 24
        with zipfile.ZipFile(tmp_path / "b.zip", "w") as packed:
            packed.writestr("amount-2026-09.csv", samples.DEEPSEEK_AMOUNT)
            packed.writestr("cost-2026-09.csv", samples.DEEPSEEK_COST)
            packed.writestr("__MACOSX/._cost.csv", "x")
        found = read_usage([tmp_path / "b.zip"])
        assert found.files == 1
        assert found.table.drop(columns=["date", "model"]).iloc[0].to_dict() == {
            "requests": 7,
            "input_tokens": 400,
            "cached_tokens": 100,
            "output_tokens": 60,
            "cost_usd": 0.75,
        }

    def test_folders_and_patterns(self, tmp_path: Path) -> None:
        write(tmp_path / "a.csv", daily("2026-03-01", [1, 2]))
        write(tmp_path / "b.csv", daily("2026-03-03", [3, 4]))
        write(tmp_path / "notes.md", "not usage")
        assert read_usage([tmp_path]).table["requests"].sum() == 10
        assert read_usage([str(tmp_path / "*.csv")]).files == 2

    def test_a_text_over_many_lines_is_one_cell(self, tmp_path: Path) -> None:
        found = read(tmp_path, 'date,note,requests\n2026-03-01,"a\nb, c\n",5\n2026-03-02,x,7\n')
        assert list(found.table["requests"]) == [5, 7]


class TestBlocks:
    def rows(self, number: int) -> str:
        """Calls with texts of very different lengths, some rows cut at their end, some bad."""
        rng = random.Random(7)
        lines = ["request_id,startTime,model,prompt_tokens,completion_tokens,spend,status,messages,tags"]
        for place in range(number):
            body = "words, and more\n" * rng.choice([0, 1, 3, 400 if place % 97 == 0 else 2])
            cells = [f"c-{place}", f"2026-05-{1 + place * 28 // number:02d}T12:00:00Z", f"m{place % 3}"]
            cells += [str(place % 91), str(place % 17), f"{place % 13 / 8}", "success", f'"{body}"', "x"]
            lines.append(",".join(cells[:-1] if place % 101 == 5 else cells))
        return "\n".join(lines) + "\n"

    @pytest.mark.parametrize("block", [1 << 10, 1 << 12, 1 << 22])
    def test_blocks_of_any_length_come_to_what_python_reads(
        self, block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(csv_rows, "BLOCKS", (block, 1 << 13, 1 << 26))
        text = self.rows(1500)
        found = read(tmp_path, text).table
        rows = [row for row in csv.DictReader(io.StringIO(text)) if row["request_id"]]
        assert found["requests"].sum() == len(rows) == 1500
        assert found["input_tokens"].sum() == sum(int(row["prompt_tokens"]) for row in rows)
        assert found["output_tokens"].sum() == sum(int(row["completion_tokens"]) for row in rows)
        assert found["cost_usd"].sum() == sum(float(row["spend"]) for row in rows)
        by_model = found.groupby("model")["input_tokens"].sum()
        assert by_model["m1"] == sum(int(row["prompt_tokens"]) for row in rows if row["model"] == "m1")

    @pytest.mark.parametrize("step", [64, 1 << 22])
    def test_steps_of_any_length_come_to_the_same(
        self, step: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(json_rows, "STEP", step)
        monkeypatch.setattr(json_rows, "ROWS", 2)
        assert read(tmp_path, samples.LITELLM_LOGS).table["input_tokens"].sum() == 60
        assert read(tmp_path, samples.USAGE_OBJECTS).table["requests"].sum() == 5

    def test_lines_of_bad_rows_after_long_texts(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(csv_rows, "BLOCKS", (1 << 10, 1 << 13, 1 << 26))
        lines = self.rows(1500).splitlines()
        wrong = next(place for place in range(len(lines) - 1, 0, -1) if lines[place].startswith("c-1490,"))
        lines[wrong] = lines[wrong].replace("2026", "none", 1)
        usual = csv.field_size_limit()
        found = read(tmp_path, "\n".join(lines) + "\n")
        assert any(f"usage.csv:{wrong + 1}: starttime: must be a date" in line for line in found.warnings)
        assert csv.field_size_limit() == usual  # the limit is that of all who read CSV in this process


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", "usage.csv:1: is empty"),
            ("a,b\n1,2\n", "usage.csv:1: is no usage file that is known"),
            ("date,requests\n", "usage.csv:1: has no rows, only names of columns"),
            ("date,requests\n2026-13-01,5\n", "usage.csv:2: date: must be a date such as 2026-09-27"),
            ("date,requests\n2026-03-01,-5\n", "usage.csv:2: requests: must be a number, 0 or more; got -5"),
            ("date,requests\n2026-03-01,many\n", "usage.csv:2: requests: must be a number, 0 or more; got text"),
            ("date,cost_usd\n2026-03-01,3,50\n", "usage.csv:2: has more or fewer cells than the first line"),
            ('date,cost_usd\n2026-03-01,"3,50"\n', "usage.csv:2: cost_usd: must be a number; got 3,50"),
            ("date,input_tokens,cached_tokens\n2026-03-01,5,6\n", "usage.csv:2: cached_tokens: must be at most"),
            (b"date,requests\n2026-03-01,\xff\xfe\n", "usage.csv:2: must be CSV or JSON text in UTF-8 or UTF-16"),
            ('[{"date": "2026-03-01", "requests": 5}', "is no JSON from here on|ends in the middle of a list"),
            ("[1, 2]", "must hold JSON objects"),
            ("[[", "is no JSON from here on"),
        ],
    )  # fmt: skip
    def test_one_line_says_where_what_and_what_would_be_right(
        self, text: str | bytes, message: str, tmp_path: Path
    ) -> None:
        with pytest.raises(ScenarioError, match=message) as error:
            read(tmp_path, text)
        assert len(str(error.value).splitlines()) == 1

    def test_what_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(ScenarioError, match=r"none.csv:1: is not there\n.*matches no file"):
            read_usage([tmp_path / "none.csv", tmp_path / "*.json"])

    def test_a_damaged_archive(self, tmp_path: Path) -> None:
        raw = gzip.compress(samples.PLAIN.encode() * 100)
        with pytest.raises(ScenarioError, match="is damaged"):
            read_usage([write(tmp_path / "a.csv.gz", raw[: len(raw) // 2])])
        with pytest.raises(ScenarioError, match="is damaged"):
            read_usage([write(tmp_path / "a.zip", b"PK no zip")])

    def test_two_providers(self, tmp_path: Path) -> None:
        write(tmp_path / "a.csv", samples.OPENROUTER_DAILY)
        write(tmp_path / "b.csv", samples.ANTHROPIC_TOKENS)
        with pytest.raises(ScenarioError, match="may count the same traffic twice; give those of one provider"):
            read_usage([tmp_path])

    def test_a_load_test_is_told_where_it_belongs(self, tmp_path: Path) -> None:
        run = {"backend": "vllm", "request_throughput": 9.8, "duration": 41.0, "completed": 400, "mean_ttft_ms": 60.0}
        run |= {"request_rate": 10.0, "num_prompts": 400, "total_input_tokens": 400_000, "total_output_tokens": 80_000}
        with pytest.raises(
            ScenarioError, match=r"is the result of a load test .*; `switchpoint capacity … --benchmark"
        ):
            read(tmp_path, json.dumps(run))

    def test_an_unknown_format_names_the_nearest(self, tmp_path: Path) -> None:
        with pytest.raises(ScenarioError, match="did you mean openrouter-daily"):
            read(tmp_path, samples.PLAIN, format="openrouter-dayly")

    def test_a_family_of_formats_may_be_stated(self, tmp_path: Path) -> None:
        found = read(tmp_path, samples.OPENROUTER_GENERATIONS, format="openrouter")
        assert found.format_name == "openrouter-generations"

    def test_a_forced_format_says_what_is_missing(self, tmp_path: Path) -> None:
        with pytest.raises(ScenarioError, match="usage_date_utc: is missing: Anthropic console, tokens needs it"):
            read(tmp_path, samples.PLAIN, format="anthropic-console-tokens")

    def test_few_bad_rows_are_counted_and_shown_with_their_lines(self, tmp_path: Path) -> None:
        rows = daily("2026-01-01", [100.0] * 299).splitlines()
        rows[150] = rows[150].replace("100", "oops")
        found = read(tmp_path, "\n".join(rows) + "\n")
        assert any(
            f"1 of 299 rows cannot be read and is left out: {tmp_path}/usage.csv:151" in w for w in found.warnings
        )
        assert len(found.gaps) == 1

    def test_many_bad_rows_refuse_the_file(self, tmp_path: Path) -> None:
        rows = daily("2026-01-01", [100.0] * 99).splitlines()
        for place in (3, 50):
            rows[place] = rows[place].replace("100", "oops")
        with pytest.raises(ScenarioError) as error:
            read(tmp_path, "\n".join(rows) + "\n")
        assert [fault.line for fault in error.value.faults] == [4, 51]

    def test_lines_are_those_of_the_file_after_texts_of_many_lines(self, tmp_path: Path) -> None:
        text = 'date,note,requests\n2026-03-01,"a\nb\nc",5\n2026-03-02,x\n2026-03-03,x,oops\n'
        with pytest.raises(ScenarioError) as error:
            read(tmp_path, text)
        assert [fault.line for fault in error.value.faults] == [5, 6]


class TestWhatIsCountedOnce:
    def test_identical_rows(self, tmp_path: Path) -> None:
        found = read(tmp_path, samples.PLAIN + samples.PLAIN.splitlines()[-1] + "\n")
        assert found.table["requests"].sum() == 24
        assert "1 row is there more than once; each counts once" in found.warnings

    def test_the_same_download_twice(self, tmp_path: Path) -> None:
        write(tmp_path / "a.csv", samples.PLAIN)
        write(tmp_path / "b.csv", samples.PLAIN)
        assert read_usage([tmp_path]).table["requests"].sum() == 24

    def test_downloads_that_continue_each_other(self, tmp_path: Path) -> None:
        write(tmp_path / "a.csv", daily("2026-03-01", [1, 2, 3, 4]))
        write(tmp_path / "b.csv", daily("2026-03-03", [3, 4, 5, 6]))
        assert list(read_usage([tmp_path]).table["requests"]) == [1, 2, 3, 4, 5, 6]

    def test_a_day_with_other_figures_is_refused_unless_the_newest_counts(self, tmp_path: Path) -> None:
        write(tmp_path / "old.csv", daily("2026-03-01", [100, 120, 40]))
        write(tmp_path / "new.csv", daily("2026-03-03", [115, 130, 125]))
        with pytest.raises(
            ScenarioError, match=r"new.csv:1: has 3 March 2026, which .*old.csv has too.*--overlap newest"
        ):
            read_usage([tmp_path])
        found = read_usage([tmp_path], overlap="newest")
        assert list(found.table["requests"]) == [100, 120, 115, 130, 125]
        assert any(line.startswith("3 March 2026 taken from") for line in found.warnings)

    def test_rows_of_one_day_in_two_files_are_added_and_said(self, tmp_path: Path) -> None:
        write(tmp_path / "a.csv", "date,requests,model\n2026-03-01,6,a\n2026-03-02,6,a\n")
        write(tmp_path / "b.csv", "date,requests,model\n2026-03-02,4,b\n")
        found = read_usage([tmp_path])
        assert list(found.table.groupby("date")["requests"].sum()) == [6, 10]
        assert "2 March 2026 is in several files, with different rows: added up" in found.warnings

    def test_bad_rows_of_two_files_are_no_overlap(self, tmp_path: Path) -> None:
        for name, first in (("a.csv", "2026-01-01"), ("b.csv", "2026-07-01")):
            write(tmp_path / name, daily(first, [100.0] * 150) + f"someday,{len(name) + ord(name[0])}\n")
        assert read_usage([tmp_path]).table["requests"].sum() == 30_000

    def test_days_and_hours_of_the_same_day_are_refused(self, tmp_path: Path) -> None:
        write(tmp_path / "days.csv", daily("2026-03-01", [240, 240]))
        write(tmp_path / "hours.csv", hourly("2026-03-02T00:00", 24))
        with pytest.raises(ScenarioError, match="2 March 2026"):
            read_usage([tmp_path])

    def test_totals_beside_their_parts_are_refused(self, tmp_path: Path) -> None:
        write(tmp_path / "all.csv", "date,requests,model\n2026-03-01,10,\n")
        write(tmp_path / "models.csv", "date,requests,model\n2026-03-01,6,a\n2026-03-01,4,b\n")
        with pytest.raises(ScenarioError, match="1 March 2026"):
            read_usage([tmp_path])

    def test_calls_of_two_logs_of_one_day_are_added(self, tmp_path: Path) -> None:
        rows = json.loads(samples.LITELLM_LOGS)
        write(tmp_path / "a.json", json.dumps(rows[:2]))
        write(tmp_path / "b.json", json.dumps(rows[1:3]))
        assert read_usage([tmp_path]).table["requests"].sum() == 2

    def test_calls_without_a_name_are_like_no_other(self, tmp_path: Path) -> None:
        rows = [{**each, "request_id": ""} for each in json.loads(samples.LITELLM_LOGS)[:1] * 3]
        assert read(tmp_path, json.dumps(rows)).table["requests"].sum() == 3


class TestWholeDays:
    def test_hours_that_begin_and_end_within_a_day(self, tmp_path: Path) -> None:
        found = read(tmp_path, hourly("2026-03-01T14:00", 10 + 5 * 24 + 9))
        assert (found.first_day, found.last_day) == (date(2026, 3, 2), date(2026, 3, 6))
        assert found.dropped == [
            "1 March 2026 is not whole: it begins at 14:00",
            "7 March 2026 is not whole: it ends at 09:00",
        ]
        assert found.hourly is not None
        assert len(found.hourly) == 5 * 24
        assert set(found.table["requests"]) == {240}

    def test_nights_without_requests_make_no_day_partial(self, tmp_path: Path) -> None:
        moments = pd.date_range("2026-03-01", periods=10 * 24, freq="h")
        text = "date,requests\n" + "".join(f"{m:%Y-%m-%dT%H:%M},5\n" for m in moments if 8 <= m.hour < 20)
        found = read(tmp_path, text)
        assert found.dropped == []
        assert found.days == 10

    def test_a_last_day_far_below_its_weekdays(self, tmp_path: Path) -> None:
        week = [100, 110, 105, 108, 90, 40, 38]
        found = read(tmp_path, daily("2026-03-02", [*week * 6, 30]))
        assert found.last_day == date(2026, 4, 12)
        assert found.dropped == [
            "13 April 2026 is not whole: it has 30 % of the lowest such weekday in the weeks beside it"
        ]

    def test_a_weekend_at_the_end_is_whole(self, tmp_path: Path) -> None:
        assert read(tmp_path, daily("2026-03-02", [100, 110, 105, 108, 90, 40, 38] * 6)).dropped == []

    def test_the_day_on_which_the_file_was_written_is_not_over(self, tmp_path: Path) -> None:
        file = write(tmp_path / "a.csv", daily("2026-03-01", [5, 6, 7, 8]))
        written = datetime(2026, 3, 4, 9, tzinfo=UTC).timestamp()
        os.utime(file, (written, written))
        assert read_usage([file]).last_day == date(2026, 3, 3)

    def test_gaps_are_listed(self, tmp_path: Path) -> None:
        found = read(tmp_path, "date,requests\n2026-03-01,5\n2026-03-04,5\n")
        assert found.gaps == [date(2026, 3, 2), date(2026, 3, 3)]
        assert "2 days are missing, 2 March 2026 first" in found.read_list()

    def test_rows_of_weeks_are_refused(self, tmp_path: Path) -> None:
        rows = "".join(f"{date(2026, 3, 2) + timedelta(days=7 * i)},700\n" for i in range(5))
        with pytest.raises(ScenarioError, match="has one row a week, and which days it counts is not told"):
            read(tmp_path, f"date,requests\n{rows}")

    def test_months_are_spread_evenly_and_said(self, tmp_path: Path) -> None:
        found = read(tmp_path, "date,requests,model\n2026-01,310,a\n2026-02,280,a\n2026-02,28,b\n")
        assert found.days == 31 + 28
        assert found.rhythm == "month"
        sums = found.table.groupby([found.table["date"].dt.month, "model"])["requests"].sum()
        assert sums.to_dict() == pytest.approx({(1, "a"): 310, (2, "a"): 280, (2, "b"): 28})
        assert any("spread evenly" in line for line in found.warnings)


class TestTimeZones:
    def test_days_of_the_product(self, tmp_path: Path) -> None:
        # 2026-03-02 in Berlin is 23:00 of the day before to 23:00 UTC.
        text = hourly("2026-03-01T23:00", 72).replace("2026-03-02T22:00,10", "2026-03-02T22:00,1000")
        found = read(tmp_path, text, timezone="Europe/Berlin")
        assert found.table["date"].dt.strftime("%d").to_list() == ["02", "03", "04"]
        assert list(found.table["requests"]) == [23 * 10 + 1000, 240, 240]

    def test_a_zone_that_is_off_by_half_an_hour(self, tmp_path: Path) -> None:
        text = "date,requests\n2026-03-01T18:29:00Z,1\n2026-03-01T18:31:00Z,2\n2026-03-01T23:59:00-05:00,4\n"
        found = read(tmp_path, text, timezone="Asia/Kolkata")
        assert list(found.table["requests"]) == [1, 2 + 4]

    def test_whole_days_cannot_be_shifted(self, tmp_path: Path) -> None:
        with pytest.raises(ScenarioError, match="--timezone: needs rows with hours"):
            read(tmp_path, samples.PLAIN, timezone="Europe/Berlin")


class TestJoining:
    def test_tokens_and_cost_of_one_provider(self, tmp_path: Path) -> None:
        write(tmp_path / "tokens.csv", samples.ANTHROPIC_TOKENS)
        write(tmp_path / "cost.csv", samples.ANTHROPIC_COST)
        found = read_usage([tmp_path])
        table = found.table.set_index("model")
        assert table["cost_usd"].to_dict() == {"claude-sonnet-4-20250514": 0.30, "claude-opus-5": 1.67}
        assert table.loc["claude-sonnet-4-20250514", "input_tokens"] == 100000
        assert "requests" not in table

    def test_days_of_one_file_alone_are_said_and_not_filled(self, tmp_path: Path) -> None:
        write(tmp_path / "tokens.csv", samples.ANTHROPIC_TOKENS)
        write(tmp_path / "cost.csv", samples.ANTHROPIC_COST.replace("2026-03-22", "2026-03-24"))
        found = read_usage([tmp_path])
        by_day = found.table.groupby("date")["cost_usd"].sum(min_count=1)
        assert by_day.isna().to_list() == [True, False, False]
        assert "1 day has no dollars, 22 March 2026 first" in found.warnings
        assert "1 day has no tokens, 24 March 2026 first" in found.warnings

    def test_hours_of_tokens_stay_beside_days_of_cost(self, tmp_path: Path) -> None:
        begin = int(datetime(2026, 9, 1, tzinfo=UTC).timestamp())
        hours = "".join(f"{begin + 3600 * each},{begin + 3600 * (each + 1)},2,gpt-5,10,5\n" for each in range(72))
        write(tmp_path / "a.csv", f"start_time,end_time,num_model_requests,model,input_tokens,output_tokens\n{hours}")
        days = "".join(f'{begin + 86400 * each},0.5,usd,"gpt-5, input"\n' for each in range(3))
        write(tmp_path / "b.csv", f"start_time,amount_value,amount_currency,line_item\n{days}")
        found = read_usage([tmp_path])
        assert found.rhythm == "hour"
        assert found.hourly is not None
        assert len(found.hourly) == 72
        assert list(found.table["requests"]) == [48, 48, 48]
        assert list(found.table["cost_usd"]) == [0.5, 0.5, 0.5]

    def test_requests_from_a_second_file(self, tmp_path: Path) -> None:
        write(tmp_path / "tokens.csv", samples.ANTHROPIC_TOKENS)
        write(tmp_path / "requests.csv", "date,requests\n2026-03-22,50\n2026-03-23,80\n")
        found = read_usage([tmp_path])
        assert found.format_name == "anthropic-console-tokens"
        assert list(found.table["requests"]) == [50, 80]

    def test_requests_as_stated(self, tmp_path: Path) -> None:
        found = read(tmp_path, samples.ANTHROPIC_TOKENS, requests_per_day=40)
        assert list(found.table.groupby("date")["requests"].sum()) == [40, 40]

    def test_requests_from_tokens(self, tmp_path: Path) -> None:
        found = read(tmp_path, samples.ANTHROPIC_TOKENS, tokens_per_request=(1000, 50))
        assert found.table["requests"].iloc[0] == 100000 / 1000
        assert any("a request has" in line for line in found.warnings)

    def test_requests_of_the_file_are_never_replaced(self, tmp_path: Path) -> None:
        assert read(tmp_path, samples.PLAIN, requests_per_day=999).table["requests"].sum() == 24

    def test_without_any_they_stay_unknown(self, tmp_path: Path) -> None:
        found = read(tmp_path, samples.ANTHROPIC_TOKENS)
        assert "requests" not in found.table
        assert any("--requests-per-day" in line for line in found.warnings)


class TestWhatComesOut:
    def test_columns_and_their_order(self, tmp_path: Path) -> None:
        table = read(tmp_path, samples.PLAIN).table
        assert list(table) == [
            "date",
            "model",
            "requests",
            "input_tokens",
            "cached_tokens",
            "output_tokens",
            "cost_usd",
        ]
        assert str(table["date"].dtype).startswith("datetime64")

    def test_without_a_model_there_is_no_such_column(self, tmp_path: Path) -> None:
        found = read(tmp_path, daily("2026-03-01", [1, 2, 3]))
        assert list(found.table) == ["date", "requests"]
        assert found.models == {}

    def test_shares_of_models(self, tmp_path: Path) -> None:
        shares = read(tmp_path, samples.PLAIN).models
        gpt, claude = 1000 + 200 + 1200 + 240, 300 + 40
        assert shares == pytest.approx({"gpt-5": gpt / (gpt + claude), "claude-sonnet-5": claude / (gpt + claude)})

    @pytest.mark.slow
    def test_progress_is_told(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(streaming, "EVERY", streaming.EVERY // 10)
        moments = [datetime(2026, 3, 1) + timedelta(seconds=each) for each in range(0, 60_000)]
        text = "date,requests\n" + "".join(f"{each.isoformat()},1\n" for each in moments)
        told: list[str] = []
        found = read(tmp_path, text, progress=told.append)
        assert found.rows == 60_000
        assert told
        assert told[0].startswith(f"{tmp_path}/usage.csv: ")
        assert told[0].endswith(" %")
