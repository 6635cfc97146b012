import CKernels

/// An operator that kernels compute. Its family declares how in `X+Lowering.swift` beside it; what is not lowerable, or refuses, runs
/// its reference.
protocol Lowerable: Operator {
  /// Adds the steps of a node whose base operator this is; false when no kernel takes it as it is, and then nothing has been added.
  func addSteps(_ node: Node, to builder: inout PlanBuilder) throws -> Bool

  /// What the kernel can apply as it stores.
  var fusions: Fusions { get }

  /// Inputs with all optional ones: what is fused to the operator adds its inputs behind these.
  var inputLimit: Int? { get }

  /// True when precision bf16 keeps the node's output as bfloat16. It follows from operators and shapes of one picture alone.
  /// - Parameter known: the values before it that are kept so.
  func keepsBfloat16(_ node: Node, _ known: Set<ValueID>, in builder: PlanBuilder) -> Bool

  /// Adds the steps of a node whose output is kept as bfloat16; false as for `addSteps`.
  func addBfloat16Steps(_ node: Node, _ unit: fovea_bf16_isa, to builder: inout PlanBuilder) throws -> Bool
}

/// What a kernel can apply to a result as it stores it.
struct Fusions: OptionSet {
  let rawValue: Int
  static let activation = Fusions(rawValue: 1)
  /// A sum with another value of the same shape.
  static let residual = Fusions(rawValue: 2)
  /// Such a sum behind a quantisation of the operator's own output.
  static let roundedSum = Fusions(rawValue: 8)
  /// The derivative of a clamp, read from another value.
  static let gate = Fusions(rawValue: 4)
}

extension Lowerable {
  var fusions: Fusions { [] }
  var inputLimit: Int? { nil }

  func keepsBfloat16(_ node: Node, _ known: Set<ValueID>, in builder: PlanBuilder) -> Bool {
    Bfloat16Map(node, builder, known) != nil
  }

  func addBfloat16Steps(_ node: Node, _ unit: fovea_bf16_isa, to builder: inout PlanBuilder) throws -> Bool {
    try Bfloat16Map(node, builder, builder.bfloat16Values)?.addStep(node, unit, to: &builder) ?? false
  }
}
