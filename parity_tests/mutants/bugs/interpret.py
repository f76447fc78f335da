"""Bugs in what a network is said to look at."""

from __future__ import annotations

from functools import partial

from parity_tests.mutants.engine import Mutant


def of(name: str, file: str, within: str | None = None) -> partial[Mutant]:
    return partial(Mutant, f"interpret.{name}", f"interpret/{file}.py", within=f"def {within or name}")


saliency, guided, integrated, strongest = (
    of(name, "gradients") for name in ("saliency", "guided_backpropagation", "integrated_gradients", "strongest")
)
cut, baseline = (
    of("guided_backpropagation", "gradients", "_guided"),
    of("integrated_gradients", "gradients", "_baseline"),
)
chosen, one = of("saliency", "target", "classes"), of("saliency", "target", "one_class")
kept, replaced = of("saliency", "watching", "undisturbed"), of("grad_cam", "watching", "replaced")
seen = of("grad_cam", "watching", "watched")
cam, last, convolutions = of("grad_cam", "cam"), of("grad_cam", "cam", "_last_convolution"), of("convolutions", "cam")
occlusion, places = of("occlusion", "occlusion"), of("occlusion", "occlusion", "_places")
activations, weights = of("activations", "activations"), of("weight_images", "activations")
first, once = (
    of("weight_images", "activations", "_first_with_weight"),
    of("activations", "activations", "check_called_once"),
)
hat = of("enlarged", "enlarging", "_weights")

MUTANTS = [
    chosen("argmax", "argmin", "the least likely class"),
    chosen("argmax(axis=1)", "argmax(axis=1) * 0", "always the first class"),
    chosen("if not 0 <=", "if not -C <=", "classes counted from the end"),
    chosen("checks.in_range", "(lambda *_: None)", "classes out of range pass"),
    one("] = 1", "] = 2", "twice the gradient"),
    one("target)] = 1", "target)] = scores.max()", "the gradient of the score's square"),
    kept("        model.eval()\n", "", "dropout drops, batch normalization sees the batch"),
    kept("            module.training = mode", "            module.training = True", "every layer left training"),
    kept("parameter.requires_grad = False", "pass", "the parameters' gradients grow"),
    kept(
        "parameter.requires_grad = requires_grad", "parameter.requires_grad = True", "frozen parameters left learning"
    ),
    guided("isinstance(module, ReLU)]", "isinstance(module, ReLU)][:1]", "only the first ReLU"),
    cut("backward(array_module(dy).maximum(dy, 0))", "backward(dy)", "plain backpropagation"),
    cut(".maximum(dy, 0)", ".minimum(dy, 0)", "what speaks against the class"),
    cut("backward(array_module(dy).maximum(dy, 0))", "array_module(dy).maximum(dy, 0)", "a deconvolutional network"),
    cut("maximum(dy, 0)", "abs(dy)", "the sign lost"),
    integrated("steps: int = 50", "steps: int = 20", "a changed default"),
    integrated("float | Array = 0.0", "float | Array = 1.0", "another changed default"),
    integrated("nodes[1] / 2", "0 * nodes[1] + 1 / steps", "equal weights"),
    integrated("(nodes[0] + 1) / 2", "nodes[0]", "points from −1 to 1"),
    integrated("return way * total", "return x * total", "times x, wherever the way begins"),
    integrated("return way * total", "return total", "the mean gradient"),
    integrated("xp.tile(target, len(places))", "xp.repeat(target, len(places))", "classes in another order"),
    integrated("total += (weights", "total = (weights", "only the last batch counts"),
    baseline("return baseline", "return 0 * baseline", "a baseline not used"),
    strongest("abs(gradient).argmax", "gradient.argmax", "the largest, not the strongest"),
    strongest("abs(gradient).argmax", "abs(gradient).argmin", "the weakest channel"),
    strongest("return xp.take_along_axis(gradient,", "return xp.take_along_axis(abs(gradient),", "without the sign"),
    cam("dA.mean", "dA.sum", "the sum for the mean"),
    cam("axis=(2, 3)", "axis=(1, 2, 3)", "one weight for all maps"),
    cam(".maximum((alpha * A).sum(axis=1), 0)", ".asarray((alpha * A).sum(axis=1))", "what speaks against it stays"),
    cam("maximum((alpha * A).sum(axis=1), 0)", "maximum(alpha * A, 0).sum(axis=1)", "cut off map by map"),
    cam("alpha * A)", "abs(alpha) * A)", "weights without their sign"),
    cam("(alpha * A).sum", "(dA * A).sum", "gradients not averaged"),
    cam("if A.ndim != 4", "if A.ndim < 2", "vectors taken for maps"),
    last("found[-1]", "found[0]", "the first convolution"),
    seen("        seen.gradients.append(dy)\n", "        seen.gradients.append(-dy)\n", "the sign of the gradient"),
    replaced("            del own[name]", "            pass", "watched for ever"),
    replaced("before = {name: own[name] for name in methods if name in own}", "before = methods", "put in once more"),
    convolutions("isinstance(module, Conv2d)", 'name.startswith("conv")', "by what they are called"),
    convolutions("isinstance(module, Conv2d)]", "isinstance(module, Conv2d)][::-1]", "the other way round"),
    convolutions(
        "for name, module in model.named_modules()", "for name, module in model._modules.items()", "no deeper"
    ),
    occlusion("size: int = 4", "size: int = 5", "a changed default"),
    occlusion("stride: int = 2", "stride: int = 3", "another changed default"),
    occlusion("value: float = 0.0", "value: float = 0.5", "a third"),
    occlusion("(scores - left[place])", "(left[place] - scores)", "the sign"),
    occlusion("heat[square] += (", "heat[square] = (", "only the last square counts"),
    occlusion("return heat / hidden", "return heat", "the sum for the mean"),
    occlusion("covered[place, *square]", "covered[..., *square[1:]]", "all squares of a batch hidden at once"),
    occlusion("target = classes(scores, target)", "target = classes(scores, None)", "always the likeliest class"),
    places("range(0, last, stride)", "range(0, last)", "every place, whatever the stride"),
    places("range(0, last, stride)", "range(0, last + 1, stride)", "the last square twice"),
    activations("seen.outputs[0]", "model(x)", "the model's output"),
    activations(", undisturbed(model)", "", "in training mode"),
    once("calls != 1", "calls == 0", "the first of several calls"),
    weights("return weight.reshape(-1, *given)", "return weight.T.reshape(-1, *given)", "columns for rows"),
    weights("return weight.reshape(-1, *given)", "return weight.reshape(-1, *given[::-1])", "rows and columns swapped"),
    weights("if prod(given) != features", "if features % prod(given)", "parts of a row as images"),
    first("weight.data.ndim > 1", "weight.data.ndim > 2", "fully connected layers passed over"),
    hat("+ 0.5) * (old / new) - 0.5", ") * (old / new)", "corners on corners"),
    hat("(old / new)", "((old - 1) / max(new - 1, 1))", "aligned at the corners"),
    hat(".clip(0, old - 1)", "", "fading beyond the edge"),
    hat("return (1 - distance).clip(0)", "return (distance < 0.5) * (distance + 1 - distance)", "the nearest pixel"),
]
