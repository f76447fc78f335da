"""Energy: what an inference costs where the machine has a counter for it, beside the 20 W that a brain runs on."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from numpy_nn.explore.canvas import BLUE, GREY, ORANGE
from numpy_nn.explore.counters import Processor
from numpy_nn.explore.experiment import Advance, Experiment, Language, Text, scientific
from numpy_nn.explore.metering import BATCHES, Reading, graphics, measured
from numpy_nn.explore.rehearsal import parted_digits, seeded
from numpy_nn.models import SimpleNet

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BRAIN_WATTS = 20.0
"""What a human brain runs on: Clarke & Sokoloff 1999, Circulation and energy metabolism of the brain."""

SUMMARY = Text(
    en="Time, multiplications and, where it is counted, energy of one inference",
    ko="추론 한 번의 시간과 곱셈 수, 그리고 계량기가 있으면 에너지를 잽니다",
)
FOUND = Text(
    en="One inference of SimpleNet {shape} takes {operations:,} multiply-adds: {alone} s for an image alone, "
    "{together} s each in batches of {batch}. {cpu} {gpu}",
    ko="SimpleNet {shape}의 추론 한 번은 곱셈-덧셈 {operations:,}번입니다. 이미지 하나씩이면 {alone}초, "
    "{batch}개씩 묶으면 하나에 {together}초가 걸립니다. {cpu} {gpu}",
)
COUNTED = Text(
    en="{what}: {joules} J each in those batches, at {watts:.3g} W for everything that runs there; a brain's "
    "{brain:g} W spend as much in {seconds} s.",
    ko="{what}: 그렇게 묶을 때 추론 하나에 {joules} J이며, 그곳에서 도는 모든 일을 합한 전력은 {watts:.3g} W입니다. "
    "{brain:g} W를 쓰는 뇌는 같은 에너지를 {seconds}초에 씁니다.",
)
NOT_MEASURABLE = Text(
    en="{what}: energy is not measurable here ({reason}).",
    ko="{what}: 여기서는 에너지를 잴 수 없습니다({reason}).",
)
PLACES = {
    "cpu": Text(en="Processor", ko="프로세서"),
    "cuda": Text(en="GPU", ko="GPU"),
}
REASONS = {
    "no-rapl": Text(en="no RAPL counter: {detail}", ko="RAPL 계량기 없음: {detail}"),
    "no-permission": Text(en="no permission to read {detail}", ko="읽을 권한 없음: {detail}"),
    "unreadable": Text(en="the counter cannot be read: {detail}", ko="계량기를 읽지 못함: {detail}"),
    "no-nvml": Text(en="no NVIDIA driver: {detail}", ko="NVIDIA 드라이버 없음: {detail}"),
    "no-gpu": Text(en="the driver finds no such GPU: {detail}", ko="드라이버가 GPU를 찾지 못함: {detail}"),
    "no-gpu-counter": Text(en="the GPU counts no energy: {detail}", ko="GPU에 에너지 계량기 없음: {detail}"),
    "no-cupy": Text(en="numpy_nn cannot compute on the GPU: {detail}", ko="GPU에서 계산할 수 없음: {detail}"),
    "too-short": Text(en="the counter did not move while measuring", ko="재는 동안 계량기가 움직이지 않음"),
}
TIME = Text(en="Time of one inference, by batch size", ko="추론 한 번의 시간 (묶음 크기별)")
MICROSECONDS = Text(en="microseconds per image (log scale)", ko="이미지 하나에 걸린 마이크로초 (로그 눈금)")
BATCH = Text(en="images at a time", ko="한 번에 넣는 이미지의 수")
POWER = Text(en="Power while computing", ko="계산하는 동안의 전력")
WATTS = Text(en="watts", ko="와트")
DASH = Text(en="—: not measurable here", ko="—: 여기서는 잴 수 없음")
BRAIN = Text(en="brain\n(literature)", ko="뇌\n(문헌값)")


@dataclass(frozen=True)
class Energy:
    """The network's layers, the multiply-adds of one inference, and the readings of each device."""

    layers: tuple[int, ...]
    operations: int
    readings: dict[str, Reading]


def run(seed: int, advance: Advance) -> Energy:
    """Time SimpleNet on digits, and read the counters before and after."""
    images, _, _, _ = parted_digits(seed, max(BATCHES))
    with seeded(seed):
        model = SimpleNet(64, 128, 10)
    layers = (model.fc1.in_features, model.fc1.out_features, model.fc2.out_features)
    operations = sum(inputs * outputs for inputs, outputs in pairwise(layers))
    readings = {}
    for device, find in (("cpu", Processor.find), ("cuda", graphics)):
        readings[device] = measured(model, images, device, find)
        advance()
    return Energy(layers, operations, readings)


def sentence(result: Energy, language: Language) -> str:
    """Time and multiply-adds, then the energy on each device or why it is not known."""
    said = {}
    for device, reading in result.readings.items():
        what = PLACES[device](language)
        if reading.joules is not None and reading.watts is not None:
            said[device] = COUNTED(
                language,
                what=what,
                joules=scientific(reading.joules),
                watts=reading.watts,
                brain=BRAIN_WATTS,
                seconds=scientific(reading.joules / BRAIN_WATTS),
            )
        elif reading.missing is not None:
            reason = REASONS[reading.missing.reason](language, detail=reading.missing.detail)
            said[device] = NOT_MEASURABLE(language, what=what, reason=reason)
    seconds = result.readings["cpu"].seconds
    return FOUND(
        language,
        shape="-".join(map(str, result.layers)),
        operations=result.operations,
        alone=scientific(seconds[0]),
        together=scientific(seconds[-1]),
        batch=BATCHES[-1],
        cpu=said["cpu"],
        gpu=said["cuda"],
    )


def draw(result: Energy, figure: Figure, language: Language) -> None:
    """Left the times, right the power beside a brain's, or the words that it is not measurable."""
    times, power = figure.subplots(1, 2)
    places = np.arange(len(BATCHES))
    timed = {device: reading for device, reading in result.readings.items() if reading.seconds}
    for number, (device, reading) in enumerate(timed.items()):
        heights = [1e6 * seconds for seconds in reading.seconds]
        at = places + 0.4 * number - 0.2 * (len(timed) - 1)
        bars = times.bar(at, heights, 0.38, color=(BLUE, ORANGE)[number], label=PLACES[device](language))
        times.bar_label(bars, [f"{height:.3g}" for height in heights], padding=2)
    times.set(xticks=places, xticklabels=BATCHES, xlabel=BATCH(language), ylabel=MICROSECONDS(language), yscale="log")
    times.margins(y=0.15)
    times.set_title(TIME(language), loc="left")
    times.legend(loc="upper right")

    names = [BRAIN(language), *(PLACES[device](language) for device in result.readings)]
    watts = [BRAIN_WATTS, *(reading.watts or 0.0 for reading in result.readings.values())]
    bars = power.bar(range(len(names)), watts, 0.6, color=[GREY, BLUE, ORANGE])
    labels = [f"{height:.3g} W" if height else "—" for height in watts]
    power.bar_label(bars, labels, padding=3)
    power.set(xticks=range(len(names)), xticklabels=names, ylabel=WATTS(language))
    power.margins(y=0.15)
    power.set_title(POWER(language), loc="left")
    if not all(watts):
        power.set_xlabel(DASH(language), color=GREY)


EXPERIMENT = Experiment("energy", SUMMARY, 2, (12, 4.8), run, sentence, draw)
