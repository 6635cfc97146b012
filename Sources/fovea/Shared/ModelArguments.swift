import Foundation
import Models
import Settings
import Telemetry
import Tensors

/// A classifier and the settings that the command line gives it. It can be loaded again, the same as before.
struct ModelArguments: Sendable {
  static let model = Option("model", .file, short: "m", section: "Network", "the classifier, an ONNX file")
  static let sidecar = Option(
    "sidecar", .file, standard: "MODEL's name with .toml, if it exists", section: "Network",
    "labels and preprocessing of the model")
  static let fit = Option<Fit?>(
    "fit", .choice, standard: "as the sidecar says, else crop", section: "Network",
    "how a wide picture meets the network's rectangle")
  static let output = Option(
    "output-name", .text("NAME"), standard: "chosen by shape, labels and name", section: "Network",
    "the network's output that holds the class scores")
  /// Lines of a command's table.
  static let options: [any OptionSpec] = [model, sidecar, fit, output]

  private let path: String
  private let sidecar: String?
  private let overrides: ModelOverrides

  /// The model of `--model`, else the default one, with `--sidecar` and `--fit`.
  init(_ arguments: ParsedArguments) throws {
    path = try arguments[Self.model] ?? DefaultModel.path()
    sidecar = arguments[Self.sidecar]
    overrides = ModelOverrides(fit: arguments[Self.fit], output: arguments[Self.output])
  }

  /// A further model, as its own sidecar describes it: `--sidecar` and `--fit` are said of the first one.
  init(allowed path: String) { (self.path, sidecar, overrides) = (path, nil, ModelOverrides()) }

  /// What viewers call it: the file's name without its extension.
  var name: String { path.withoutEnding.lastName.shown }

  var files: [String] { [path, sidecar ?? path.withoutEnding + ".toml"] }

  /// Reads the files, and says what is odd about them.
  /// - Throws: a sentence for what cannot be read or used.
  func load() throws -> Model {
    // The file, its tensors, and the weights as the kernels want them.
    let bytes = files.reduce(0) { $0 + (Int(Files.status($1)?.st_size ?? 0)) }
    try AddressSpace.require((64 << 20) + 3 * bytes, "to load \(path)")
    let model = try Model.load(path: path, sidecar: sidecar, overrides: overrides)
    for warning in model.warnings { Log.warning(warning) }
    return model
  }
}
