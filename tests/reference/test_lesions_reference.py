"""LesionStudy against a plain loop: a hook on one unit after another, whole forward passes, sums in Python.

Nothing of the machinery of lesions is used here. What is random is drawn again as the docstring of LesionStudy
declares it, from the named streams.
"""

import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

import artneuro as an

CLAMPS = ("zero", "mean", "noise", "resample")
MEASURED = ("selectivity", "mutual_information", "incoming_norm", "outgoing_norm", "importance")
ORDERS = ("random", *MEASURED, "given")
GIVEN = (4, 0, 3)  # the others follow in the order of their numbers
FRACTIONS = (0.0, 0.1, 0.35, 0.5, 0.8, 1.0)
REPEATS, BLOCK, BINS = 2, 40, 6
CASES = {
    "mlp": ({"mlp": {"widths": (13, 9)}}, "hidden1"),
    "mlp, last": ({"mlp": {"widths": (13, 9)}}, "hidden2"),
    "mlp, batch norm": ({"mlp": {"widths": (13, 9), "batch_norm": True}}, "hidden2"),
    "cnn, convolution": ({"simple_cnn": {"channels": (6, 8), "hidden": 16}}, "conv1"),
    "cnn, before pooling": ({"simple_cnn": {"channels": (6, 8), "hidden": 16}}, "conv2"),
    "cnn, connected": ({"simple_cnn": {"channels": (6, 8), "hidden": 16}}, "hidden1"),
    "cnn, batch norm": ({"simple_cnn": {"channels": (6, 8), "hidden": 16, "batch_norm": True}}, "conv2"),
    "cnn, connected, batch norm": ({"simple_cnn": {"channels": (6, 8), "hidden": 16, "batch_norm": True}}, "hidden1"),
    "no bias": ({"tran_cnn": {"channels": (6,), "widths": (15, 12)}}, "hidden2"),
}


class Loop:
    """One subject, one site, and everything about it by loops."""

    def __init__(self, subject: an.Subject, site: str, part: str) -> None:
        self.model, self.module = subject.model(), subject.sites()[site]
        self.stream, self.site = an.Stream(subject.seed).child("assay", "LesionStudy"), site
        environment = subject.environment
        stimuli = environment.train if part == "train" else environment.test
        self.x, self.classes = environment.present(stimuli.images), len(environment.classes)
        self.targets = subject.learnt_targets() if part == "train" else stimuli.targets
        self.blocks = [sorted(block) for block in self._dealt(part)]
        self.activity = self._activity()
        self.units = self.activity.shape[1]
        self.place = (1,) * (self.activity.ndim - 2)

    def _dealt(self, part):
        n = len(self.targets)
        shuffled = self.stream.child("blocks", part).numpy().permutation(n)
        return np.array_split(shuffled, math.ceil(n / BLOCK))

    def _activity(self):
        seen = []
        handle = self.model.get_submodule(self.module).register_forward_hook(lambda m, i, o: seen.append(o.clone()))
        with torch.no_grad():
            self.model(self.x)
        handle.remove()
        return seen[0]

    def evaluate(self, change):
        """Loss, accuracy and accuracy per class with the activity at the site changed."""
        handle = self.model.get_submodule(self.module).register_forward_hook(lambda m, i, o: change(o))
        with torch.no_grad():
            return self.score(self.model(self.x), handle)

    def score(self, logits, handle=None):
        if handle is not None:
            handle.remove()
        right = (logits.argmax(dim=1) == self.targets).double()
        by_class = [right[self.targets == c].mean().item() for c in range(self.classes)]
        return F.cross_entropy(logits, self.targets).item(), right.mean().item(), by_class

    def mean(self, unit):
        return self.activity[:, unit].double().mean().item()

    def deviation(self, unit):
        return self.activity[:, unit].double().std(unbiased=False).item()

    def substitute(self, clamp, repeat):
        """What every unit would be clamped to, for every stimulus."""
        filled = torch.zeros_like(self.activity)
        if clamp == "mean":
            for unit in range(self.units):
                filled[:, unit] = self.mean(unit)
        for number, block in enumerate(self.blocks):
            stream = self.stream.child("clamp", clamp, self.site, repeat, number)
            own = self.activity[block]
            if clamp == "noise":
                normal = torch.randn(own.shape, generator=stream.torch())
                for unit in range(self.units):
                    filled[block, unit] = self.mean(unit) + self.deviation(unit) * normal[:, unit]
            if clamp == "resample":
                keys = torch.rand(len(block), self.units, generator=stream.torch())
                for unit in range(self.units):
                    filled[block, unit] = own[keys[:, unit].argsort(), unit]
        return filled

    def lesion(self, units, filled):
        def change(activity):
            changed = activity.clone()
            for unit in units:
                changed[:, unit] = filled[:, unit]
            return changed

        return self.evaluate(change)

    def response(self, unit):
        return self.activity[:, unit].reshape(len(self.x), -1).double().mean(dim=1).numpy()

    def measures(self, intact, clamp):
        """Every measure of every unit; alone it is clamped as in the first repeat."""
        targets = self.targets.numpy()
        filled = self.substitute(clamp, 0)
        rows = []
        for unit in range(self.units):
            response = self.response(unit)
            means = [response[targets == c].mean() for c in range(self.classes)]
            best = max(means)
            rest = (sum(means) - best) / (self.classes - 1)
            loss, accuracy, by_class = self.lesion([unit], filled)
            alive = bool((self.activity[:, unit] != 0).any())
            preferred = int(np.argmax(means)) if alive else -1
            rows.append(
                {
                    "alive": alive,
                    "mean_activity": self.mean(unit),
                    "deviation": self.deviation(unit),
                    "selectivity": (best - rest) / (best + rest) if alive else 0.0,
                    "preferred_class": preferred,
                    "mutual_information": self.information(response.astype(np.float32), targets),
                    "importance": intact[1] - accuracy,
                    "importance_loss": loss - intact[0],
                    "class_importance": [whole - left for whole, left in zip(intact[2], by_class, strict=True)],
                    "preferred_class_importance": intact[2][preferred] - by_class[preferred] if alive else math.nan,
                }
            )
        norms = self.norms()
        return {name: [row[name] for row in rows] for name in rows[0]} | norms

    @staticmethod
    def information(response, targets):
        n = len(response)
        ordered = sorted(response.tolist())
        edges = [ordered[n * k // BINS] for k in range(1, BINS)]
        bins = [sum(edge <= value for edge in edges) for value in response.tolist()]

        def entropy(symbols):
            counts = [symbols.count(symbol) for symbol in set(symbols)]
            return -sum(c / n * math.log(c / n) for c in counts) + (len(counts) - 1) / (2 * n)

        labels = targets.tolist()
        return (entropy(bins) + entropy(labels) - entropy(list(zip(bins, labels, strict=True)))) / math.log(2)

    def norms(self):
        """From the flat list of layers: the last with weights before the site, and the first after it."""
        names = [name for name, _ in self.model.named_children()]
        at = names.index(self.module)
        weighted = [name for name in names if isinstance(self.model.get_submodule(name), nn.Linear | nn.Conv2d)]
        into = self.model.get_submodule([name for name in weighted if names.index(name) < at][-1]).weight.detach()
        out = self.model.get_submodule(next(name for name in weighted if names.index(name) > at)).weight.detach()
        columns = out.flatten(1).view(len(out), self.units, -1)
        return {
            "incoming_norm": [into[unit].abs().sum().item() for unit in range(self.units)],
            "outgoing_norm": [columns[:, unit].abs().sum().item() for unit in range(self.units)],
        }

    def order(self, name, measures, repeat, ascending):
        if name == "random":
            return self.stream.child("order", self.site, repeat).numpy().permutation(self.units).tolist()
        if name == "given":
            return [*GIVEN, *sorted(set(range(self.units)) - set(GIVEN))]
        sign = 1 if ascending else -1
        return sorted(range(self.units), key=lambda unit: (sign * measures[name][unit], unit))


@pytest.fixture(scope="module")
def reared():
    digits = an.environment("digits", train_size=300, test_size=130)
    known = {}

    def rear(anatomy):
        key = str(anatomy)
        if key not in known:
            naive = an.Subject.naive(an.anatomy(next(iter(anatomy)), **next(iter(anatomy.values()))), digits, seed=3)
            rearing = an.Rearing(epochs=10, batch=20, optimizer={"adam": {"lr": 0.01}})
            known[key] = an.rear(naive, digits, rearing, (an.LabelCorruption(fraction=0.2),))
        return known[key]

    return rear


@pytest.fixture(params=sorted(CASES))
def case(request, reared):
    anatomy, site = CASES[request.param]
    return reared(anatomy), site


def study(site, **changed):
    usual = {"order": "random", "clamp": CLAMPS, "fractions": FRACTIONS}
    usual |= {"repeats": REPEATS, "batch": BLOCK, "bins": BINS}
    return an.LesionStudy(site=site, **(usual | changed))


# Accuracies are shares of a few hundred stimuli: equal means equal. Losses are means of float32 cross-entropies up to
# about 20, computed in products of another size: 1e-6 of their size.
EQUAL = {"atol": 1e-6, "rtol": 1e-6}


@pytest.mark.parametrize(("part", "clamp"), [("train", "zero"), *(("test", clamp) for clamp in CLAMPS)])
def test_every_unit(case, part, clamp):
    subject, site = case
    loop = Loop(subject, site, part)
    record = study(site, stimuli=part, clamp=clamp, fractions=2).run(subject).isel(subject=0)
    intact = loop.evaluate(lambda activity: activity)
    np.testing.assert_allclose([record.intact_loss, record.intact_accuracy], intact[:2], **EQUAL)
    expected = loop.measures(intact, clamp)
    for name, values in expected.items():
        np.testing.assert_allclose(record[name], values, err_msg=name, **EQUAL)
    assert max(expected["importance"]) > 0.01


def test_every_order_and_clamp(case):
    subject, site = case
    ascending = site in ("hidden2", "conv2")  # each way for the mlp and the cnn, with and without batch norm
    loop = Loop(subject, site, "test")
    record = study(site, order=ORDERS, given=GIVEN, ascending=ascending).run(subject).isel(subject=0, site=0)
    measures = {name: record[name].values for name in MEASURED}  # equal to the loop's own, by the test above
    counts = [math.floor(fraction * loop.units + 0.5) for fraction in FRACTIONS]
    assert record.lesioned.values.tolist() == counts
    curves = {}
    for clamp in CLAMPS:
        for repeat in range(REPEATS):
            filled = loop.substitute(clamp, repeat)
            for order in ORDERS:
                ranking = loop.order(order, measures, repeat, ascending)
                found = record.sel(order=order, clamp=clamp, repeat=repeat)
                assert found.lesion_rank.values.argsort().tolist() == ranking
                points = [loop.lesion(ranking[:count], filled) for count in counts]
                for name, place in (("loss", 0), ("accuracy", 1), ("class_accuracy", 2)):
                    expected = [point[place] for point in points]
                    np.testing.assert_allclose(found[name], expected, err_msg=f"{order} {clamp} {name}", **EQUAL)
                curves[order, clamp, repeat] = [point[1] for point in points]
    for order in ORDERS:
        for clamp in CLAMPS:
            both = np.array([curves[order, clamp, repeat] for repeat in range(REPEATS)])
            full = both[:, -1].mean()
            normalised = (both - full) / (both[0, 0] - full)
            found = record.sel(order=order, clamp=clamp)
            np.testing.assert_allclose(found.normalised_accuracy, normalised, **EQUAL)
            pieces = zip(FRACTIONS, FRACTIONS[1:], normalised.mean(0), normalised.mean(0)[1:], strict=False)
            area = sum((right - left) * (low + high) / 2 for left, right, low, high in pieces)
            assert found.auc.item() == pytest.approx(area, abs=1e-6)
    assert both[0, 0] - both[0, -1] > 0.2  # lesions matter


def relearn(subject, rearing, module, units, values, measure):
    """What `measure` says of a network after each epoch in which it learns on while a hook clamps some units."""
    model = subject.model().to(memory_format=torch.channels_last)  # decides the last bits of a convolution
    model.get_submodule(module).register_forward_hook(
        lambda layer, given, found: found.index_copy(1, units, values.expand_as(found[:, units]))
    )
    environment, targets, batch = subject.environment, subject.learnt_targets(), rearing.batch
    optimizer = torch.optim.SGD(model.parameters(), lr=rearing.optimizer.lr, momentum=rearing.optimizer.momentum)
    course = [measure(model.eval())]
    for epoch in range(subject.age, subject.age + rearing.epochs):
        order = torch.randperm(len(targets), generator=an.Stream(subject.seed).child("order", epoch).torch())
        model.train()
        for chosen in order.split(batch):
            shown = environment.present(environment.train.images[chosen])
            optimizer.zero_grad()
            F.cross_entropy(model(shown.contiguous(memory_format=torch.channels_last)), targets[chosen]).backward()
            optimizer.step()
        course.append(measure(model.eval()))
    return np.array(course)


@pytest.mark.parametrize("clamp", ["zero", "mean", None])
def test_recovery_from_a_lesion_that_holds(case, clamp):
    subject, site = case
    loop = Loop(subject, site, "test")
    rearing = an.Rearing(epochs=2, batch=64, optimizer={"sgd": {"lr": 0.02, "momentum": 0.5}})
    asked = {"clamp": clamp or "zero", "sham": clamp is None, "single": False, "repeats": 1, "fractions": 2}
    record = study(site, order="given", given=GIVEN, recovery=rearing, **asked).run(subject).isel(subject=0)
    lost = [] if clamp is None else loop.order("given", {}, 0, False)[: math.floor(0.5 * loop.units + 0.5)]
    means = [loop.mean(unit) if clamp == "mean" else 0.0 for unit in lost]

    def measure(model):
        with torch.no_grad():
            return loop.score(model(loop.x))[:2]

    values = torch.tensor(means).view(1, -1, *loop.place)
    expected = relearn(subject, rearing, loop.module, torch.tensor(lost, dtype=torch.long), values, measure)
    name = "sham_recovery" if clamp is None else "recovery"
    found = np.stack([record[f"{name}_{which}"].values.ravel() for which in ("loss", "accuracy")], axis=1)
    np.testing.assert_allclose(found, expected, **EQUAL)
    assert np.ptp(expected[:, 0]) > 1e-4  # it learnt: a hundred times what is taken for equal


def test_noise_on_every_unit(case):
    subject, site = case
    loop = Loop(subject, site, "test")
    scales = (0.0, 0.5, 2.0)
    record = study(site, noise_scales=scales).run(subject).isel(subject=0)
    for repeat in range(REPEATS):
        noise = torch.zeros_like(loop.activity)
        for number, block in enumerate(loop.blocks):
            stream = loop.stream.child("noise", site, repeat, number)
            noise[block] = torch.randn(loop.activity[block].shape, generator=stream.torch())
        for unit in range(loop.units):
            noise[:, unit] *= loop.deviation(unit)
        for scale in scales:
            loss, accuracy, _ = loop.evaluate(lambda activity, scale=scale, noise=noise: activity + scale * noise)
            found = record.sel(scale=scale, repeat=repeat)
            np.testing.assert_allclose([found.noise_loss, found.noise_accuracy], [loss, accuracy], **EQUAL)


def test_connections(case):
    subject, site = case
    loop = Loop(subject, site, "test")
    record = study(site, what="connections", order="random", clamp="zero").run(subject).isel(subject=0, site=0)
    names = [name for name, _ in loop.model.named_children()]
    before = names[: names.index(loop.module)]
    layer = next(m for n in reversed(before) if isinstance(m := loop.model.get_submodule(n), nn.Linear | nn.Conv2d))
    intact = layer.weight.detach().clone()
    for repeat in range(REPEATS):
        ranking = loop.stream.child("order", site, repeat).numpy().permutation(intact.numel())
        for place, fraction in enumerate(FRACTIONS):
            count = math.floor(fraction * intact.numel() + 0.5)
            assert record.lesioned.values[place] == count
            with torch.no_grad():
                layer.weight.copy_(intact)
                layer.weight.view(-1)[torch.from_numpy(ranking[:count])] = 0.0
                expected = loop.score(loop.model(loop.x))
            found = record.isel(fraction=place, order=0, clamp=0).sel(repeat=repeat)
            np.testing.assert_allclose([found.loss, found.accuracy], expected[:2], **EQUAL)


def test_two_sites_as_one_pool(reared):
    subject = reared(CASES["cnn, convolution"][0])
    sites = ("conv2", "hidden1")
    record = (
        study(sites, together=True, order=("random", "selectivity"), noise_scales=(0.0, 1.0))
        .run(subject)
        .isel(subject=0)
    )
    loops = {site: Loop(subject, site, "test") for site in sites}
    model, stream = subject.model(), loops["conv2"].stream
    units = [(site, unit) for site in sites for unit in range(loops[site].units)]
    selectivity = record.selectivity.values
    orders = {
        ("random", repeat): stream.child("order", "conv2+hidden1", repeat).numpy().permutation(len(units))
        for repeat in range(REPEATS)
    }
    by_selectivity = sorted(range(len(units)), key=lambda place: (-selectivity[place], place))
    orders |= {("selectivity", repeat): by_selectivity for repeat in range(REPEATS)}
    for (order, repeat), ranking in orders.items():
        for clamp in CLAMPS:
            filled = {site: loops[site].substitute(clamp, repeat) for site in sites}
            for fraction in FRACTIONS:
                lost = [units[place] for place in ranking[: math.floor(fraction * len(units) + 0.5)]]
                handles = []
                for site in sites:

                    def change(module, inputs, output, site=site, lost=lost, filled=filled):
                        changed = output.clone()
                        for where, unit in lost:
                            if where == site:
                                changed[:, unit] = filled[site][:, unit]
                        return changed

                    handles.append(model.get_submodule(loops[site].module).register_forward_hook(change))
                with torch.no_grad():
                    expected = loops["conv2"].score(model(loops["conv2"].x))
                for handle in handles:
                    handle.remove()
                found = record.isel(site=0).sel(order=order, clamp=clamp, repeat=repeat, fraction=fraction)
                np.testing.assert_allclose(
                    [found.loss, found.accuracy], expected[:2], err_msg=f"{order} {clamp}", **EQUAL
                )
