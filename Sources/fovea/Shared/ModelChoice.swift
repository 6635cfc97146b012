import Foundation
import Models
import Settings
import Tensors

/// A model with the settings that the command line gives it: it can be loaded again, the same as before.
struct ModelChoice: Sendable {
  private let path: String
  private let sidecar: String?
  private let overrides: ModelOverrides

  /// The model of `--model`, else the default one, with `--sidecar` and `--fit`.
  init(_ arguments: ParsedArguments) throws {
    path = try arguments.text("model") ?? DefaultModel.path()
    sidecar = arguments.text("sidecar")
    overrides = ModelOverrides(fit: arguments.text("fit").flatMap(Fit.init(rawValue:)))
  }

  /// A further model, as its own sidecar describes it: `--sidecar` and `--fit` are said of the first one.
  init(allowed path: String) { (self.path, sidecar, overrides) = (path, nil, ModelOverrides()) }

  /// What viewers call it: the file's name without its extension.
  var name: String { URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent }

  /// Reads the files.
  /// - Throws: a sentence for what cannot be read or used.
  func load() throws -> Model { try Model.load(path: path, sidecar: sidecar, overrides: overrides) }
}
