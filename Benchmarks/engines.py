"""The engines, one class each: what loads a network, what runs it once. Used by worker.py, each in a process of its own.

Every peer has the settings that its documentation recommends for one picture at a time, in float32. None keeps its threads
spinning while another engine has its turn: onnxruntime is told to stop at the end of a run, the others stop by themselves within milliseconds,
and the turns are further apart than that.
"""
import os
import re


class OnnxRuntime:
    def __init__(self, path, threads):
        import onnxruntime

        self.version = onnxruntime.__version__
        self.module = onnxruntime
        self.path, self.threads = path, threads

    def load(self):
        options = self.module.SessionOptions()
        options.intra_op_num_threads = self.threads
        options.inter_op_num_threads = 1
        options.execution_mode = self.module.ExecutionMode.ORT_SEQUENTIAL
        options.graph_optimization_level = self.module.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.log_severity_level = 3
        # Spin during a run, stop at its end.
        options.add_session_config_entry("session.intra_op.allow_spinning", "1")
        options.add_session_config_entry("session.force_spinning_stop", "1")
        self.session = self.module.InferenceSession(self.path, options, providers=["CPUExecutionProvider"])

    def run(self, picture):
        return self.session.run(None, {"input": picture})[0]


class OpenVINO:
    precision = "f32"

    def __init__(self, path, threads):
        import openvino

        self.version = openvino.__version__.split("-")[0]
        self.module = openvino
        self.path, self.threads = path, threads

    def load(self):
        core = self.module.Core()
        compiled = core.compile_model(core.read_model(self.path), "CPU", {
            "PERFORMANCE_HINT": "LATENCY", "NUM_STREAMS": "1", "INFERENCE_NUM_THREADS": self.threads,
            "INFERENCE_PRECISION_HINT": self.precision})
        self.request = compiled.create_infer_request()

    def run(self, picture):
        # Shared memory both ways: no copies that the network does not need.
        return self.request.infer({"input": picture}, share_inputs=True, share_outputs=True)[0]


class OpenVINOBF16(OpenVINO):
    precision = "bf16"


class NCNN:
    def __init__(self, path, threads):
        import ncnn

        self.module = ncnn
        self.version = ncnn.__version__
        self.base, self.threads = re.sub(r"\.onnx$", ".ncnn", path), threads

    def load(self):
        net = self.module.Net()
        net.opt.num_threads = self.threads
        # Float32 throughout, as the others; lightmode and Winograd are on by default.
        for name in ("use_fp16_packed", "use_fp16_storage", "use_fp16_arithmetic", "use_bf16_packed", "use_bf16_storage",
                     "use_vulkan_compute"):
            if hasattr(net.opt, name):
                setattr(net.opt, name, False)
        if net.load_param(self.base + ".param") != 0 or net.load_model(self.base + ".bin") != 0:
            raise RuntimeError("ncnn cannot load " + self.base)
        self.net = net

    def run(self, picture):
        import numpy

        with self.net.create_extractor() as extractor:
            extractor.input("in0", self.module.Mat(picture[0]))
            return numpy.array(extractor.extract("out0")[1])


class Torch:
    """Eager PyTorch on the exported network's own torchvision module; not among the fp32 peers of the ratio."""

    def __init__(self, path, threads):
        import torch

        self.version = torch.__version__
        self.module = torch
        self.name = os.path.splitext(os.path.basename(path))[0]
        torch.set_num_threads(threads)

    def load(self):
        import networks

        self.network = networks.make_network(self.name)

    def run(self, picture):
        with self.module.inference_mode():
            return self.network(self.module.from_numpy(picture)).numpy()


ENGINES = {"onnxruntime": OnnxRuntime, "openvino": OpenVINO, "openvino-bf16": OpenVINOBF16, "ncnn": NCNN, "torch": Torch}
# Those that the ratio is taken to.
FP32_PEERS = ("onnxruntime", "openvino", "ncnn")
BF16_PEERS = ("openvino-bf16",)
