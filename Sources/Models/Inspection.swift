import Foundation
import Inference
import Tensors

/// What `fovea inspect` tells of a model: `table` for people, `json` for programs.
package struct Inspection: Encodable, Sendable {
  /// The version of the JSON: it grows when a key changes its meaning or goes.
  package let version = 1
  package let model: About
  package let inputs: [Endpoint], outputs: [Endpoint]
  package let layers: [Layer]
  package let totals: Totals
  /// Every setting in force and where it came from.
  package let settings: [Entry]
  /// Sentences about what may not be as expected.
  package let warnings: [String]
  /// The steps with their times, when they were measured.
  package let plan: PlanReport?

  /// The file and what it says about itself.
  package struct About: Encodable, Sendable {
    let path: String, name: String, description: String
    let producer: String, producerVersion: String
    let opset: Int, irVersion: Int?
    let metadata: [String: String]
    let classes: Int
  }

  /// A value at the network's edge.
  package struct Endpoint: Encodable, Sendable {
    let name: String, type: String, shape: [Int]
  }

  /// One layer.
  package struct Layer: Encodable, Sendable {
    let index: Int, name: String, op: String, value: String
    let outputShape: [Int]
    let parameters: Int, multiplyAdds: Int
    let receptiveField: Field?
    let explanation: String
  }

  /// A receptive field as [height, width] in pixels of the input; a stride of 0: every position sees the same.
  package struct Field: Encodable, Sendable {
    let size: [Int], stride: [Int], offset: [Int]
  }

  /// Sums over all layers.
  package struct Totals: Encodable, Sendable {
    let layers: Int, parameters: Int, multiplyAdds: Int
  }

  /// One setting.
  package struct Entry: Encodable, Sendable {
    let key: String, value: String, origin: String
  }

  /// Everything about a model, and about its steps when `profile` holds their times.
  package init(_ model: Model, profile: Profile? = nil) {
    let (graph, metadata) = (model.graph, model.metadata)
    let summary = GraphSummary(graph)
    self.model = About(
      path: model.path, name: model.name, description: model.description, producer: metadata.producer,
      producerVersion: metadata.producerVersion, opset: metadata.opset, irVersion: metadata.irVersion,
      metadata: metadata.properties, classes: model.labels.names.count)
    inputs = graph.inputs.map { Endpoint(graph.values[$0.value]) }
    outputs = graph.outputs.map { Endpoint(graph.values[$0]) }
    layers = summary.layers.map(Layer.init)
    totals = Totals(layers: layers.count, parameters: summary.parameters, multiplyAdds: summary.multiplyAdds)
    settings = model.settings.map { Entry(key: $0.key, value: $0.value, origin: $0.origin.rawValue) }
    warnings = model.warnings
    plan = profile.map(PlanReport.init)
  }

  package func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}

extension Inspection.Endpoint {
  fileprivate init(_ value: Value) {
    self.init(
      name: value.name, type: value.type.map { "\($0.element)" } ?? "", shape: value.type?.shape.dimensions ?? [])
  }
}

extension Inspection.Layer {
  fileprivate init(_ layer: LayerSummary) {
    self.init(
      index: layer.index, name: layer.name, op: layer.op, value: layer.value,
      outputShape: layer.outputShape.dimensions, parameters: layer.parameters, multiplyAdds: layer.multiplyAdds,
      receptiveField: layer.receptiveField.map(Inspection.Field.init), explanation: layer.explanation)
  }
}

extension Inspection.Field {
  fileprivate init(_ field: ReceptiveField) {
    let (rows, columns) = (field.height, field.width)
    self.init(
      size: [rows.size, columns.size], stride: [rows.stride, columns.stride], offset: [rows.offset, columns.offset])
  }
}
