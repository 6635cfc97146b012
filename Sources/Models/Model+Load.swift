import Foundation
import Inference
import ONNX
import Telemetry
import Tensors

extension Model {
  /// Reads a model and what belongs to it.
  ///
  /// Each setting comes from the command line, else the sidecar, else the file's metadata_props, else the network's
  /// shape, else the defaults: RGB, `x / 255`, ImageNet's mean and standard deviation, centre crop with the margin of
  /// 256 to 224, 224 pixels where the network takes any size.
  /// - Parameters:
  ///   - path: an ONNX file.
  ///   - sidecar: a TOML file; nil for `MODEL.toml` or `model.toml` beside the model, if there is one.
  /// - Throws: an error whose text is a sentence for the user.
  package static func load(
    path: String, sidecar: String? = nil, overrides: ModelOverrides = ModelOverrides()
  ) throws -> Model {
    let imported = try importModel(at: path)
    let notes = try (sidecar ?? sidecarPath(beside: path)).map { try Sidecar(path: $0) }
    do {
      return try assemble(imported, path: path, sidecar: notes, overrides: overrides)
    } catch let error as InferenceError {
      throw UserError("cannot use \(path): \(error.description).")
    }
  }

  /// `MODEL.toml` for `MODEL.onnx`, else `model.toml` in the same folder; nil when there is neither.
  static func sidecarPath(beside path: String) -> String? {
    [path.withoutEnding + ".toml", path.folder.appending(name: "model.toml")].first(where: Files.exists)
  }

  private static func assemble(
    _ imported: ImportedModel, path: String, sidecar: Sidecar?, overrides: ModelOverrides
  ) throws -> Model {
    var resolver = SettingResolver(path: path, sidecar: sidecar, properties: imported.metadata.properties)
    let input = try PictureInput(imported.graph, path: path)
    resolver.preparations = Preparation.all(of: imported, at: path, input: input)
    let transform = try resolver.transform(for: input, overrides: overrides)
    let graph = try input.specialized(height: transform.height, width: transform.width)
    let choice = try OutputChoice(
      graph, path: path, name: overrides.output ?? sidecar?.output, labels: resolver.labelCount)
    let output = ScoreOutput(choice)
    resolver.noteOutput(output, named: graph.values[choice.graph.outputs[choice.index]].name, overrides: overrides)
    let labels = try resolver.labels(count: output.classes, isBinary: output.isBinary)
    let activation = resolver.activation(for: output)
    return Model(
      path: path, name: sidecar?.name ?? path.withoutEnding.lastName.shown,
      description: sidecar?.description ?? imported.metadata.documentation, graph: output.graph,
      metadata: imported.metadata,
      warnings: imported.warnings + [resolver.warning(for: input), choice.warning].compactMap { $0 },
      transform: transform, labels: labels, activation: activation,
      outputIndex: output.index, outputsProbabilities: output.form == .probabilities,
      scores: output.scores, settings: resolver.settings)
  }
}
