import Tensors

extension Graph {
  /// Adds a node behind all others to a specialised graph, which stays specialised.
  /// - Parameters:
  ///   - outputs: names of its outputs that are not taken yet; nil for one that is not wanted.
  /// - Returns: the outputs; nil when the operator cannot take these inputs.
  package mutating func append(
    _ op: any Operator, _ inputs: [ValueID?], named name: String, outputs names: [String?]
  ) -> [ValueID?]? {
    let described = inputs.map { $0.map { OperatorInput(type(of: $0), constant: values[$0].constant) } }
    guard let types = try? op.outputTypes(for: described), types.count >= names.count else { return nil }
    let (isSpecialized, unfolded) = (isSpecialized, unfolded)
    var outputs: [ValueID?] = []
    for (name, type) in zip(names, types) {
      outputs.append(name == nil ? nil : values.count)
      if let name { values.append(Value(name: name, type: type)) }
    }
    let node = Node(name: name, op: op, inputs: inputs, outputs: outputs)
    nodes.append(node)
    (self.isSpecialized, self.unfolded) = (isSpecialized, unfolded.map { $0 + [node] })
    return outputs
  }

  /// Adds a constant to a specialised graph, which stays specialised.
  package mutating func append(_ constant: Tensor, named name: String) -> ValueID {
    let (isSpecialized, unfolded) = (isSpecialized, unfolded)
    values.append(Value(name: name, type: TensorType(constant.type, constant.shape), constant: constant))
    (self.isSpecialized, self.unfolded) = (isSpecialized, unfolded)
    return values.count - 1
  }

  /// Another output beside, or in the place of, those that a specialised graph has.
  package mutating func setOutputs(_ outputs: [ValueID]) {
    let isSpecialized = isSpecialized
    self.outputs = outputs
    self.isSpecialized = isSpecialized
  }
}
