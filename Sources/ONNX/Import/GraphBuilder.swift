import Inference
import Tensors

/// Collects the values and nodes of the graph that is being imported.
final class GraphBuilder {
  private(set) var values: [Value] = []
  var nodes: [Node] = []
  let decoder: TensorDecoder
  private var index: [String: ValueID] = [:]

  init(_ decoder: TensorDecoder) { self.decoder = decoder }

  /// The value with this name, or nil.
  func value(named name: String) -> ValueID? { index[name] }

  /// Adds a value that the file names. Throws when the name is taken.
  @discardableResult
  func define(_ name: String, constant: Tensor? = nil) throws -> ValueID {
    guard index[name] == nil else { throw ImportFailure("two values have the name '\(name)'") }
    return append(name, constant)
  }

  /// Adds a value that the importer needs beside what the file has, named after the node.
  func addAnonymous(near node: NodeProto, constant: Tensor?) -> ValueID {
    let stem = node.outputs.first { !$0.isEmpty } ?? node.opType
    var number = values.count
    while index["\(stem)/\(number)"] != nil { number += 1 }
    return append("\(stem)/\(number)", constant)
  }

  /// Turns a value that a Constant node names into its elements.
  func setConstant(_ id: ValueID, _ tensor: Tensor) { values[id].constant = tensor }

  private func append(_ name: String, _ constant: Tensor?) -> ValueID {
    values.append(Value(name: name, constant: constant))
    index[name] = values.count - 1
    return values.count - 1
  }
}
