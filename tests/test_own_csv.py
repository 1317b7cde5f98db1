"""CSVs as people make them: months, other currencies, signs of money, days ahead of today, and what is near to none."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from switchpoint.cli import program
from switchpoint.owndata.reading import UsageRead, read_usage
from switchpoint.owndata.watching import BillWatch
from switchpoint.scenario.errors import ScenarioError
from tests.own_usage import SCENARIO, own_scenario


def read_text(folder: Path, text: str, **stated: object) -> UsageRead:
    file = folder / "own.csv"
    file.write_text(text, encoding="utf-8")
    return read_usage([file], **stated)


def test_a_column_may_be_called_month_as_in_files_of_plans(tmp_path: Path) -> None:
    rows = "{}\n2026-01,3100\n2026-02,2800\n"
    found = read_text(tmp_path, rows.format("month,cost_usd"))
    assert (found.rhythm, found.days) == ("month", 59)
    assert found.table.equals(read_text(tmp_path, rows.format("date,cost_usd")).table)


class TestCurrencies:
    ROWS = "date,cost_eur\n" + "".join(f"2026-03-{day:02d},10\n" for day in range(1, 9))

    def test_a_column_of_another_currency_is_converted(self, tmp_path: Path) -> None:
        found = read_text(tmp_path, self.ROWS, usd_per={"EUR": 1.5})
        assert found.table["cost_usd"].tolist() == [15.0] * 8

    def test_without_a_rate_it_is_refused_with_what_to_state(self, tmp_path: Path) -> None:
        with pytest.raises(ScenarioError, match="has amounts in EUR; state dollars for one, such as --usd-per EUR="):
            read_text(tmp_path, self.ROWS)


@pytest.mark.parametrize("header", ["Month,Amount", "date,spend", "date,cost_xyz", "model,amount"])
def test_what_is_near_to_no_export_is_told_what_a_csv_of_ones_own_names(tmp_path: Path, header: str) -> None:
    with pytest.raises(ScenarioError) as error:
        read_text(tmp_path, f"{header}\n2026-01-01,5\n")
    said = "date (or month) and any of requests, input_tokens, output_tokens, cost_usd (or cost_eur)"
    assert said in str(error.value)
    near = {"date,spend": "LiteLLM", "model,amount": "DeepSeek"}  # the others share one name with any export at most
    assert ("nearest" in str(error.value)) is (header in near)
    assert near.get(header, "") in str(error.value)


class TestMoney:
    @pytest.mark.parametrize(
        ("cells", "dollars"),
        [
            (["$140.20", "$1,234.50", "+$3", "12 $"], [140.2, 1234.5, 3, 12]),
            (["US$5", "5", "", "$0"], [5, 5, None, 0]),
            (["1 234.50", "12\u00a0345", "1", "2"], [1234.5, 12345, 1, 2]),
        ],
    )
    def test_signs_and_spaces_that_can_mean_one_thing_are_read(
        self, tmp_path: Path, cells: list[str], dollars: list[float | None]
    ) -> None:
        rows = "".join(f'2026-03-0{place},7,"{cell}"\n' for place, cell in enumerate(cells, 1))
        found = read_text(tmp_path, f"date,requests,cost_usd\n{rows}").table["cost_usd"]
        assert [None if each != each else each for each in found] == dollars

    def test_decimal_commas_go_with_signs_and_spaces(self, tmp_path: Path) -> None:
        rows = "date;cost_usd\n2026-03-01;1 234,50\n2026-03-02;$2 000,75\n2026-03-03;$3.000,25\n"
        assert read_text(tmp_path, rows).table["cost_usd"].tolist() == [1234.5, 2000.75, 3000.25]

    @pytest.mark.parametrize("cell", ["EUR 63.19", "1 234,50", "63.19 €", "12 34"])
    def test_what_could_mean_more_is_refused_with_what_is_right(self, tmp_path: Path, cell: str) -> None:
        said = "own.csv:2: cost_usd: must be a number, such as 1234.50, without spaces or a currency; got "
        with pytest.raises(ScenarioError) as error:
            read_text(tmp_path, f'date,cost_usd\n2026-03-01,"{cell}"\n')
        assert said in str(error.value)

    def test_a_number_of_requests_has_no_dollar_sign(self, tmp_path: Path) -> None:
        with pytest.raises(ScenarioError, match=r"own\.csv:2: requests: must be a number"):
            read_text(tmp_path, "date,requests\n2026-03-01,$5\n")


def test_days_ahead_of_today_are_said(tmp_path: Path) -> None:
    today = date.today()
    rows = [f"{today + timedelta(days=day)},5,10\n" for day in range(-40, 10)]
    found = read_text(tmp_path, "date,requests,cost_usd\n" + "".join(rows))
    assert any("ahead of today" in line for line in found.read_list())
    loaded = own_scenario(tmp_path, SCENARIO.partition("[candidates")[0])
    assert any("ahead of today" in line for line in BillWatch.of(found, loaded, (), 16).doubts)
    until_now = read_text(tmp_path, "date,requests,cost_usd\n" + "".join(rows[:41]))
    assert not any("ahead of today" in line for line in until_now.read_list())


class TestTypedNumbers:
    NEW = ("new", "x", "--provider", "openai", "--model", "gpt-5.4-mini", "--input-tokens", "2000", "--bill")

    def test_a_dot_before_three_digits_is_asked_after(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "x.toml").write_text("", encoding="utf-8")  # so that nothing is looked for
        done = CliRunner().invoke(program, [*self.NEW, "14.000", "--requests-per-day", "10"])
        assert "14.000 is read as 14: the dot is the decimal point; if 14000 is meant, write that" in done.stderr
        done = CliRunner().invoke(program, [*self.NEW, "14.50", "--requests-per-day", "10"])
        assert "decimal point" not in done.stderr

    @pytest.mark.parametrize("typed", ["14,000", "1.400.000", "14'000"])
    def test_marks_between_thousands_are_refused_with_the_number(self, typed: str) -> None:
        done = CliRunner().invoke(program, [*self.NEW, typed])
        assert done.exit_code == 2
        digits = "".join(each for each in typed if each.isdigit())
        assert f"for {digits} leave out the marks" in " ".join(done.stderr.replace("│", " ").split())
