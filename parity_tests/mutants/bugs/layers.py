"""Bugs in the layers, in what every module does, and in the networks made of them."""

from __future__ import annotations

from functools import partial

from parity_tests.mutants.engine import Mutant

linear = partial(Mutant, "Linear", "modules/layers.py", within="class Linear")
embedding = partial(Mutant, "Embedding", "modules/layers.py", within="class Embedding")
bag = partial(Mutant, "EmbeddingBag", "modules/embedding_bag.py")
similarity = partial(Mutant, "CosineSimilarity", "modules/layers.py", within="class CosineSimilarity")
dropout = partial(Mutant, "Dropout", "modules/layers.py", within="class Dropout")
flatten = partial(Mutant, "Flatten", "modules/layers.py", within="class Flatten")
loss = partial(Mutant, file="modules/losses.py")
module = partial(Mutant, "Module", "modules/module.py")
tree = partial(Mutant, "Module", "modules/tree.py")
simple_net = partial(Mutant, "SimpleNet", "models/simple_net.py")

MUTANTS = [
    Mutant("Linear", "parameter.py", "else self._grad + gradient", "else gradient", "a gradient replaces the other"),
    Mutant("Linear", "modules/layer.py", '        self.__dict__["_call"] = None\n', "", "the pullback is kept"),
    Mutant(
        "Linear",
        "modules/module.py",
        "p.data for name, p in module._parameters.items() if",
        "p.data for name, p in reversed(module._parameters.items()) if",
        "parameters saved in a wrong order",
    ),
    linear("sqrt(5)", "0.0", "Kaiming's bound for ReLU"),
    linear("1 / sqrt(in_features) if", "1 / in_features if", "the bias's bound without its root"),
    linear("bias={self.bias is not None}", "bias={self.bias}", "the bias printed"),
    embedding(
        "self.padding_idx, self.max_norm, self.norm_type,",
        "self.padding_idx, self.max_norm, 2.0,",
        "norm_type forgotten",
    ),
    embedding("self.weight.data[padding_idx] = 0", "self.weight.data[padding_idx] *= 1", "a padding row that is not 0"),
    embedding("padding_idx %= num_embeddings", "padding_idx = abs(padding_idx)", "padding_idx counted from the start"),
    embedding("requires_grad=not freeze", "requires_grad=freeze", "freeze turned round"),
    embedding("Parameter(embeddings,", "Parameter(embeddings.copy(),", "a pretrained table copied"),
    bag("embedding_dim, padding_idx, device=device", "embedding_dim, None, device=device", "no row of padding"),
    bag("backward(dy)[::-1]", "backward(dy)", "the gradients of table and weights exchanged"),
    bag(
        "from_pretrained(embeddings, freeze, padding_idx)",
        "from_pretrained(embeddings, True, padding_idx)",
        "always frozen",
    ),
    bag(
        "layer.padding_idx = table.weight, table.padding_idx",
        "layer.padding_idx = table.weight, None",
        "padding_idx forgotten",
    ),
    bag(
        "mode=mode, include_last_offset=include_last_offset)",
        "include_last_offset=include_last_offset)",
        "mode forgotten",
    ),
    bag("norm_type=self.norm_type,", "norm_type=2.0,", "norm_type forgotten"),
    similarity("self.dim, self.eps)", "self.dim)", "eps forgotten"),
    similarity("dim: int = 1", "dim: int = -1", "a changed default"),
    Mutant("CosineSimilarity", "modules/layer.py", "inputs if len(inputs) > 1 else ", "", "the first gradient alone"),
    dropout("self.p, self.training", "self.p, True", "dropout in evaluation"),
    dropout("p: float = 0.5", "p: float = 0.1", "a changed default"),
    flatten("start_dim: int = 1", "start_dim: int = 0", "a changed default"),
    flatten("self.start_dim, self.end_dim)", "self.start_dim, -1)", "end_dim forgotten"),
    loss("SmoothL1Loss", old="self.reduction, self.beta)", new="self.reduction)", what="beta forgotten"),
    loss(
        "CrossEntropyLoss",
        old="self.reduction, self.label_smoothing)",
        new="self.reduction)",
        what="label_smoothing forgotten",
    ),
    loss(
        "NLLLoss",
        old="log_p, target, self.weight, self.ignore_index, ",
        new="log_p, target, self.weight, -100, ",
        what="ignore_index forgotten",
    ),
    loss(
        "BCEWithLogitsLoss",
        old='self.register_buffer("pos_weight", pos_weight)',
        new="self.pos_weight = pos_weight",
        what="pos_weight left out of state_dict",
    ),
    module(
        "for module in self.modules():\n            module.training",
        "for module in (self, *self.children()):\n            module.training",
        "train reaches only the children",
    ),
    tree(
        "if parameter is not None and id(parameter) not in seen",
        "if parameter is not None",
        "a shared parameter counts twice",
    ),
    tree("other.pop(name, None)", "pass", "an attribute of two kinds"),
    tree("if other is not own", "if other is own", "a part that loses its place"),
    tree("registry.pop(name, None)", "pass", "what is deleted stays"),
    module("name): p.data for", "name): p.data.copy() for", "state_dict holds copies"),
    Mutant(
        "Module",
        "modules/state_dicts.py",
        "own[key][...] = to_device(array, device_of(own[key]))",
        "own[key][...] = -to_device(array, 'cpu')",
        "loading turns signs round",
    ),
    Mutant("Module", "modules/state_dicts.py", "if not is_writeable(own[key])", "if False", "half a state_dict loaded"),
    Mutant("Module", "modules/layer.py", 'if name != "_call"', "", "a pullback in a pickle"),
    Mutant("Module", "functional/standardization.py", ".reshape(bias.shape).copy()", ".reshape(bias.shape)", "dy kept"),
    Mutant(
        "Module",
        "models/vision_transformer.py",
        "unbroadcast(dx, self.pos_embedding.shape).copy()",
        "unbroadcast(dx, self.pos_embedding.shape)",
        "a gradient that is a part of another",
    ),
    Mutant("Module", "modules/state_dicts.py", "(dated or key", "(key", "a dated state_dict need not be whole"),
    module("dtype if buffer", "None if buffer", "buffers keep their dtype"),
    module(
        "            parameter.grad = None", "            parameter.grad = 0 * parameter.data", "zero_grad leaves zeros"
    ),
    Mutant(
        "Sequential",
        "modules/containers.py",
        "in reversed(list(self.children())):",
        'in (child for child in reversed(list(self.children())) if "p" not in vars(child)):',
        "backward skips the dropout",
    ),
    Mutant("Parameter", "parameter.py", "else as_array(gradient)", "else gradient", "a scalar for a gradient"),
    Mutant("Parameter", "parameter.py", "self.data = as_array(data)", "self.data = data", "a scalar for an array"),
    Mutant("Parameter", "parameter.py", "if self.requires_grad:", "if True:", "frozen parameters get a gradient"),
    simple_net(
        "self.relu.backward(self.dropout.backward(dhidden))",
        "self.dropout.backward(dhidden)",
        "backward skips the ReLU",
    ),
    simple_net("self.dropout.backward(dhidden)", "dhidden", "backward skips the dropout"),
    simple_net(
        "self.dropout(self.relu(self.fc1(x)))",
        "self.relu(self.dropout(self.fc1(x * 1.0005)))",
        "the input scaled by 1.0005",
    ),
    simple_net("return self.fc2(hidden)", "return self.fc2(hidden) - self.fc2.bias.data", "the last bias lost"),
]
