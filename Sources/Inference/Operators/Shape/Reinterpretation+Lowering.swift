import CKernels

extension Reshape: SharedMemory {}
extension Flatten: SharedMemory {}
extension Squeeze: SharedMemory {}
extension Unsqueeze: SharedMemory {}
extension Identity: PassingMemory {}
extension Dropout: PassingMemory {}

/// A reinterpretation: no step, the output is the input's memory.
protocol SharedMemory: Lowerable {}

/// One whose output has the input's shape as well, and so may lie in any layout.
protocol PassingMemory: SharedMemory {}

extension SharedMemory {
  func addSteps(_ node: Node, to builder: inout PlanBuilder) throws -> Bool {
    guard let input = node.inputs[0], let output = node.outputs[0], node.outputs.dropFirst().allSatisfy({ $0 == nil }),
      builder.graph.type(of: input).element == builder.graph.type(of: output).element
    else { return false }
    if builder.graph.type(of: input) == builder.graph.type(of: output), let home = builder.homes[input] {
      builder.homes[output] = home
    } else {
      builder.homes[output] = [.plain: try builder.plain(input)]
    }
    return true
  }
}

extension PassingMemory {
  func keepsBfloat16(_ node: Node, _ known: Set<ValueID>, in builder: PlanBuilder) -> Bool {
    node.inputs[0].map(known.contains) ?? false
  }

  func addBfloat16Steps(_ node: Node, _ unit: fovea_bf16_isa, to builder: inout PlanBuilder) throws -> Bool {
    try addSteps(node, to: &builder)
  }
}
