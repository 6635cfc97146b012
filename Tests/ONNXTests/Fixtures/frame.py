"""What the case files share: building one-node models, running the peer, and the container that the Swift tests read.

Container (little-endian): "FOVEACAS", u32 version 1, u32 number of cases; each case: text name, blob model (ONNX),
u32 number of inputs, inputs, u32 number of outputs, outputs; a tensor: text name, u8 element type (the raw value of
Tensors.ElementType), u8 rank, u32 extents, elements. text: u16 length + UTF-8. blob: u32 length + bytes.
"""

import struct
import zlib

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

SEED = 20251
# In the order of Tensors.ElementType.
ELEMENT_TYPES = [
    "float32", "float64", "float16", "bfloat16", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32",
    "uint64", "bool",
]


class K:
    """An input that is a constant of the model."""

    def __init__(self, array):
        self.array = np.asarray(array)


class Cases:
    """Collects cases by family; a family becomes one file."""

    def __init__(self):
        self.families = {}
        self.index = []
        self.models = {}

    def rng(self, name):
        """A generator that depends only on the case's name, so that adding a case changes no other."""
        return np.random.default_rng([SEED, zlib.crc32(name.encode())])

    def floats(self, name, shape, scale=1.0):
        """Normal float32 numbers."""
        return (self.rng(name).standard_normal(shape) * scale).astype(np.float32)

    def add(self, family, name, op, inputs, attrs=None, opset=17, outputs=1, domain="", peer="onnxruntime",
            output_type=TensorProto.FLOAT):
        """One node. inputs: arrays (filled at run time), K(array) (constants of the file) or None (left out)."""
        names, feeds, constants = [], {}, []
        for number, value in enumerate(inputs):
            if value is None:
                names.append("")
                continue
            names.append(f"x{number}")
            if isinstance(value, K):
                constants.append(numpy_helper.from_array(value.array, names[-1]))
            else:
                feeds[names[-1]] = np.asarray(value)
        results = [f"y{number}" for number in range(outputs)]
        node = helper.make_node(op, names, results, name=op.lower(), domain=domain, **(attrs or {}))
        self.add_graph(family, name, [node], feeds, results, constants, opset, peer, output_type)

    def add_graph(self, family, name, nodes, feeds, results, constants=(), opset=17, peer="onnxruntime",
                  output_type=TensorProto.FLOAT):
        """Several nodes. feeds: arrays by name; results: names; constants: TensorProtos."""
        inputs = [
            helper.make_tensor_value_info(n, helper.np_dtype_to_tensor_dtype(a.dtype), a.shape) for n, a in feeds.items()
        ]
        values = [helper.make_empty_tensor_value_info(n) for n in results]
        graph = helper.make_graph(nodes, "case", inputs, values, initializer=list(constants))
        imports = [helper.make_opsetid("", opset)]
        imports += [helper.make_opsetid(d, 1) for d in sorted({n.domain for n in nodes} - {""})]
        model = helper.make_model(graph, opset_imports=imports, producer_name="fovea fixtures", ir_version=8)
        self.add_model(family, name, model, feeds, peer, output_type)

    def add_model(self, family, name, model, feeds, peer="onnxruntime", output_type=TensorProto.FLOAT):
        """A whole model; its outputs need no type. output_type: of those that ONNX's shape inference does not know."""
        names = [o.name for o in model.graph.output]
        if peer == "onnxruntime":
            typed = with_output_types(model, output_type)
            options = onnxruntime.SessionOptions()
            options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
            options.log_severity_level = 3
            session = onnxruntime.InferenceSession(typed.SerializeToString(), options, ["CPUExecutionProvider"])
            results = session.run(names, feeds)
        else:
            results = ReferenceEvaluator(model).run(names, feeds)
        cases = self.families.setdefault(family, {})
        assert name not in cases, name
        key = "+".join(sorted({n.op_type for n in model.graph.node}))
        self.models[key] = min(self.models.get(key, model.SerializeToString()), model.SerializeToString(), key=len)
        cases[name] = encode(name, model, feeds, dict(zip(names, results)))
        self.index.append(f"{family}\t{name}\t{peer}\t{model.opset_import[0].version}")

    def write_seeds(self, folder):
        """Writes the smallest model of each operator, for the fuzzer to start from."""
        folder.mkdir(exist_ok=True)
        for key, body in self.models.items():
            if len(body) < 1000:
                (folder / f"{key[:60]}.onnx").write_bytes(body)

    def write(self, folder):
        """Writes FAMILY.cases for each family."""
        for family, cases in self.families.items():
            body = b"FOVEACAS" + struct.pack("<II", 1, len(cases)) + b"".join(cases.values())
            (folder / f"{family}.cases").write_bytes(body)
            print(f"{family}: {len(cases)} cases, {len(body)} bytes")


def with_output_types(model, output_type):
    """onnxruntime wants typed outputs: ONNX's shape inference gives them, or else `output_type`."""
    inferred = onnx.shape_inference.infer_shapes(model)
    known = {v.name: v.type for v in list(inferred.graph.output) + list(inferred.graph.value_info)}
    typed = onnx.ModelProto()
    typed.CopyFrom(model)
    for output in typed.graph.output:
        kind = known[output.name].tensor_type.elem_type if output.name in known else 0
        output.CopyFrom(helper.make_tensor_value_info(output.name, kind or output_type, None))
    return typed


def text(value):
    data = value.encode()
    return struct.pack("<H", len(data)) + data


def tensor(name, array):
    array = np.asarray(array, order="C")
    if array.dtype in (np.float16, np.float64):
        array = array.astype(np.float32)
    head = struct.pack("<BB", ELEMENT_TYPES.index(str(array.dtype)), array.ndim)
    return text(name) + head + struct.pack(f"<{array.ndim}I", *array.shape) + array.tobytes()


def encode(name, model, feeds, results):
    body = model.SerializeToString()
    parts = [text(name), struct.pack("<I", len(body)), body]
    for tensors in (feeds, results):
        parts.append(struct.pack("<I", len(tensors)))
        parts += [tensor(n, a) for n, a in tensors.items()]
    return b"".join(parts)
