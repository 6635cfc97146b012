import Inference
import ONNX
import Telemetry
import Tensors

/// Where a setting came from.
package enum Origin: String, Sendable {
  case commandLine = "command line"
  case sidecar = "sidecar"
  case metadata = "ONNX metadata"
  case graph = "the network's shape"
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
  /// The network itself ends in a softmax or sigmoid.
  package var outputsProbabilities: Bool
  package var settings: [Setting]

  package init(
    path: String, name: String, description: String, graph: Graph, metadata: ModelMetadata, warnings: [String],
    transform: InputTransform, labels: Labels, activation: OutputActivation, outputIndex: Int,
    outputsProbabilities: Bool = false, settings: [Setting]
  ) {
    (self.path, self.name, self.description, self.graph) = (path, name, description, graph)
    (self.metadata, self.warnings, self.transform, self.labels) = (metadata, warnings, transform, labels)
    (self.activation, self.outputIndex, self.settings) = (activation, outputIndex, settings)
    self.outputsProbabilities = outputsProbabilities
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

  package init(fit: Fit? = nil, size: (height: Int, width: Int)? = nil) { (self.fit, self.size) = (fit, size) }
}
