import Inference
import ONNX
import Telemetry
import Tensors

/// Where a setting came from.
package enum Origin: String, Sendable {
  case commandLine = "command line"
  case sidecar = "sidecar"
  case metadata = "ONNX metadata"
  case exporter = "as its exporter prepares pictures"
  case beside = "files beside the model"
  case graph = "the network's shape"
  case values = "the network's values"
  case standard = "default"
}

/// A setting in force, for `inspect`.
package struct Setting: Sendable, Hashable {
  /// The sidecar's key, as in `input.mean`.
  package var key: String
  package var value: String
  package var origin: Origin
}

/// A classifier as a user knows it: a network, what goes in and what comes out.
package struct Model: Sendable {
  package var path: String
  /// What people call it: the sidecar's name, else the file's.
  package var name: String
  /// The sidecar's words about it, or the file's.
  package var description: String
  /// The network, specialised to the input's size.
  package var graph: Graph
  /// What the ONNX file says about itself.
  package var metadata: ModelMetadata
  /// Sentences about what may not be as expected.
  package var warnings: [String]
  package var transform: InputTransform
  package var labels: Labels
  package var activation: OutputActivation
  /// Which of the network's outputs holds the class scores.
  package var outputIndex: Int
  /// The network itself gives probabilities.
  package var outputsProbabilities: Bool
  /// The ONNX name of the value that holds the class scores before softmax or sigmoid; nil: the output itself.
  package var scores: String?
  package var settings: [Setting]

  package init(
    path: String, name: String, description: String, graph: Graph, metadata: ModelMetadata, warnings: [String],
    transform: InputTransform, labels: Labels, activation: OutputActivation, outputIndex: Int,
    outputsProbabilities: Bool = false, scores: String? = nil, settings: [Setting]
  ) {
    (self.path, self.name, self.description, self.graph) = (path, name, description, graph)
    (self.metadata, self.warnings, self.transform, self.labels) = (metadata, warnings, transform, labels)
    (self.activation, self.outputIndex, self.settings) = (activation, outputIndex, settings)
    (self.outputsProbabilities, self.scores) = (outputsProbabilities, scores)
  }
}

extension Model {
  /// The values shown for classes are probabilities: the last operator or the activation makes them so.
  package var scoresAreProbabilities: Bool { activation != .none || outputsProbabilities }
}

/// What the command line asks for beyond the model file and its sidecar.
package struct ModelOverrides: Sendable {
  package var fit: Fit?
  /// `--input`, in pixels; for networks that take any size.
  package var size: (height: Int, width: Int)?
  /// The network's output that holds the class scores.
  package var output: String?

  package init(fit: Fit? = nil, size: (height: Int, width: Int)? = nil, output: String? = nil) {
    (self.fit, self.size, self.output) = (fit, size, output)
  }
}
