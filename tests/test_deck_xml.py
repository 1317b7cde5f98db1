"""The deck's XML keeps the rules of its format: ids, and the order in which the schema wants the parts of elements."""

import io
import re
import zipfile
from collections import Counter
from functools import cache

import pytest
from lxml import etree

from tests.export_stories import CASES
from tests.test_export_deck import data_of

pytestmark = pytest.mark.slow
every_case = pytest.mark.parametrize(("name", "draws"), CASES)

UNSIGNED = 2**32
FILLS = "noFill solidFill gradFill blipFill pattFill grpFill"
ORDER = {
    # ECMA-376, part 1, 21.2 (charts)
    "chartSpace": "date1904 lang roundedCorners AlternateContent style clrMapOvr pivotFmts protection chart spPr txPr "
    "externalData printSettings userShapes extLst",
    "chart": "title autoTitleDeleted pivotFmts view3D floor sideWall backWall plotArea legend plotVisOnly dispBlanksAs "
    "showDLblsOverMax",
    "plotArea": "layout areaChart lineChart barChart catAx dateAx valAx serAx dTable spPr",
    "areaChart": "grouping varyColors ser dLbls dropLines axId",
    "lineChart": "grouping varyColors ser dLbls dropLines hiLowLines upDownBars marker smooth axId",
    "barChart": "barDir grouping varyColors ser dLbls gapWidth overlap serLines axId",
    "ser": "idx order tx spPr invertIfNegative marker pictureOptions dPt dLbls trendline errBars cat val smooth shape",
    "dLbl": "idx delete layout tx numFmt spPr txPr dLblPos showLegendKey showVal showCatName showSerName showPercent "
    "showBubbleSize separator",
    "dLbls": "dLbl delete numFmt spPr txPr dLblPos showLegendKey showVal showCatName showSerName showPercent "
    "showBubbleSize separator showLeaderLines",
    "dPt": "idx invertIfNegative marker bubble3D explosion spPr",
    "errBars": "errDir errBarType errValType noEndCap plus minus val spPr",
    "legend": "legendPos legendEntry layout overlay spPr txPr",
    "legendEntry": "idx delete txPr",
    "scaling": "logBase orientation max min",
    "catAx": "axId scaling delete axPos majorGridlines minorGridlines title numFmt majorTickMark minorTickMark "
    "tickLblPos spPr txPr crossAx crosses crossesAt auto lblAlgn lblOffset noMultiLvlLbl",
    "dateAx": "axId scaling delete axPos majorGridlines minorGridlines title numFmt majorTickMark minorTickMark "
    "tickLblPos spPr txPr crossAx crosses crossesAt auto lblOffset baseTimeUnit majorUnit majorTimeUnit minorUnit "
    "minorTimeUnit",
    "valAx": "axId scaling delete axPos majorGridlines minorGridlines title numFmt majorTickMark minorTickMark "
    "tickLblPos spPr txPr crossAx crosses crossesAt crossBetween majorUnit minorUnit dispUnits",
    "title": "tx layout overlay spPr txPr",
    "marker": "symbol size spPr",
    # 19.3 (slides) and 21.1 (drawing)
    "sld": "cSld clrMapOvr transition timing",
    "cSld": "bg spTree custDataLst controls",
    "sp": "nvSpPr spPr style txBody",
    "pic": "nvPicPr blipFill spPr style",
    "graphicFrame": "nvGraphicFramePr xfrm graphic",
    "txBody": "bodyPr lstStyle p",
    "rPr": f"ln {FILLS} effectLst effectDag highlight uLnTx uLn uFillTx uFill latin ea cs sym hlinkClick",
    "pPr": "lnSpc spcBef spcAft buClrTx buClr buSzTx buFontTx buFont buNone buAutoNum buChar tabLst defRPr",
    "tbl": "tblPr tblGrid tr",
    "tc": "txBody tcPr",
    "tcPr": f"lnL lnR lnT lnB lnTlToBr lnBlToTr cell3D {FILLS}",
}
"""What an element may hold, in its order, for the elements that decks are made of."""
PARTS = re.compile(r"ppt/(slides|charts|slideLayouts|slideMasters)/[^/]+\.xml")
A_NAME = "{http://schemas.openxmlformats.org/presentationml/2006/main}cNvPr"


@cache
def parts_of(name: str, draws: int) -> list[tuple[str, etree._Element]]:
    with zipfile.ZipFile(io.BytesIO(data_of(name, draws))) as file:
        return [(part, etree.fromstring(file.read(part))) for part in file.namelist() if PARTS.fullmatch(part)]


def local(element: etree._Element) -> str:
    return etree.QName(element).localname


def out_of_order(element: etree._Element) -> str:
    """What an element holds that the schema does not allow there, else nothing."""
    wanted = ORDER[local(element)].split()
    found = [local(child) for child in element if isinstance(child.tag, str) and local(child) != "extLst"]
    strange = [each for each in found if each not in wanted]
    if strange:
        return f"{local(element)} holds {strange[0]}"
    places = [wanted.index(each) for each in found]
    return "" if places == sorted(places) else f"{local(element)} holds {found}"


@every_case
def test_each_element_holds_what_the_schema_lets_it_in_that_order(name: str, draws: int) -> None:
    wrong = [
        (part, text)
        for part, root in parts_of(name, draws)
        for element in root.iter()
        if isinstance(element.tag, str) and local(element) in ORDER and (text := out_of_order(element))
    ]
    assert wrong == []


@every_case
def test_ids_of_shapes_are_unique_on_every_slide(name: str, draws: int) -> None:
    for part, root in parts_of(name, draws):
        ids = [int(each.get("id")) for each in root.iter(A_NAME)]
        assert not ids or min(ids) > 0
        assert [each for each, count in Counter(ids).items() if count > 1] == [], part


@every_case
def test_axes_have_unsigned_ids_and_cross_each_other(name: str, draws: int) -> None:
    charts = [(part, root) for part, root in parts_of(name, draws) if "/charts/" in part]
    assert charts
    for part, root in charts:
        axes = {}
        for axis in root.iter():
            if isinstance(axis.tag, str) and local(axis) in ("catAx", "dateAx", "valAx"):
                inner = {local(child): child.get("val") for child in axis}
                axes[inner["axId"]] = inner["crossAx"]
        used = {child.get("val") for child in root.iter() if isinstance(child.tag, str) and local(child) == "axId"}
        assert used == set(axes), part
        assert all(0 < int(each) < UNSIGNED for each in used), part
        assert {axes[other]: other for other in axes} == axes or all(axes[axes[each]] == each for each in axes), part


@every_case
def test_series_of_a_chart_are_numbered_once(name: str, draws: int) -> None:
    for part, root in parts_of(name, draws):
        series = [each for each in root.iter() if isinstance(each.tag, str) and local(each) == "ser"]
        for key in ("idx", "order"):
            numbers = [next(child.get("val") for child in each if local(child) == key) for each in series]
            assert len(numbers) == len(set(numbers)), (part, key)


def test_a_wrong_order_is_found() -> None:
    legend = etree.fromstring("<legend><overlay/><legendPos/></legend>")
    assert out_of_order(legend) == "legend holds ['overlay', 'legendPos']"
    assert out_of_order(etree.fromstring("<legend><chart/></legend>")) == "legend holds chart"
