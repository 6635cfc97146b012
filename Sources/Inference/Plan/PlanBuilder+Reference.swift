import Tensors

extension PlanBuilder {
  /// The operator's own `forward`, on row-major values and one thread.
  mutating func addReferenceStep(for node: Node) throws {
    let inputs: [(TensorType, Buffer)?] = try node.inputs.map { input in
      try input.map { (graph.type(of: $0), try plain($0)) }
    }
    let outputs = try referenceOutputs(of: node)
    let op = node.op
    steps.append(
      PlannedStep(
        description: StepDescription(
          name: node.name, op: op.name, algorithm: "reference", layout: TensorLayout.plain.rawValue,
          outputShape: outputs.first?.0.shape ?? [], cost: StepCost(node, in: graph)),
        buffers: inputs.compactMap { $0?.1 } + outputs.map(\.1),
        isParallel: false,
        bind: { memory in
          let inputs = inputs.map { $0.map { TensorView($0.0.element, $0.0.shape, memory[$0.1]) } }
          let outputs = outputs.map { TensorView($0.0.element, $0.0.shape, memory[$0.1]) }
          return { _, _ in op.forward(inputs, outputs) }
        }))
  }

  /// A place for every output of the operator, also for those that no node reads.
  private mutating func referenceOutputs(of node: Node) throws -> [(TensorType, Buffer)] {
    let inputs = node.inputs.map { input in
      input.map { OperatorInput(graph.type(of: $0), constant: graph.values[$0].constant) }
    }
    let types = try node.op.outputTypes(for: inputs)
    return types.enumerated().map { index, type in
      if index < node.outputs.count, let output = node.outputs[index] { return (type, newPlain(output)) }
      return (type, allocate(byteCount: type.element.size * type.shape.count))
    }
  }

  /// The elements of a value as float32, for a tap.
  mutating func plainFloats(_ value: ValueID) throws -> Buffer {
    let (type, source) = (graph.type(of: value), try plain(value))
    guard type.element != .float32 else { return source }
    let target = allocate(byteCount: 4 * type.shape.count)
    steps.append(
      PlannedStep(
        description: StepDescription(
          name: graph.values[value].name, op: "Tap", algorithm: "to float32", layout: TensorLayout.plain.rawValue,
          outputShape: type.shape, cost: StepCost(copying: 4 * type.shape.count)),
        buffers: [source, target], isParallel: false,
        bind: { memory in
          let view = TensorView(type.element, type.shape, memory[source])
          let floats = TensorView(.float32, type.shape, memory[target])
          return { _, _ in view.convert(to: floats.floats) }
        }))
    return target
  }
}
