import CKernels
import Tensors

extension Exp: KernelFunction { var kernelFunction: fovea_activation? { .init(FOVEA_ACT_EXP) } }
extension Log: KernelFunction { var kernelFunction: fovea_activation? { .init(FOVEA_ACT_LOG) } }
extension Sqrt: KernelFunction { var kernelFunction: fovea_activation? { .init(FOVEA_ACT_SQRT) } }
extension Abs: KernelFunction { var kernelFunction: fovea_activation? { .init(FOVEA_ACT_ABS) } }
extension Neg: KernelFunction { var kernelFunction: fovea_activation? { .init(FOVEA_ACT_NEG) } }
extension Reciprocal: KernelFunction { var kernelFunction: fovea_activation? { .init(FOVEA_ACT_RECIPROCAL) } }
extension Floor: KernelFunction { var kernelFunction: fovea_activation? { .init(FOVEA_ACT_FLOOR) } }
extension Ceil: KernelFunction { var kernelFunction: fovea_activation? { .init(FOVEA_ACT_CEIL) } }
extension Round: KernelFunction { var kernelFunction: fovea_activation? { .init(FOVEA_ACT_ROUND) } }
extension Sign: KernelFunction { var kernelFunction: fovea_activation? { .init(FOVEA_ACT_SIGN) } }

extension Pow: KernelFunction, KernelBinary {
  /// Only with an exponent that is known: `PowerOf`.
  var kernelFunction: fovea_activation? { nil }
  var binaryKind: fovea_binary_kind { FOVEA_POW }

  func withoutInputs(_ node: Node, _ graph: Graph) -> (any KernelFunction)? {
    node.inputs.count == 2 ? graph.number(node.inputs[1]).map { PowerOf(exponent: $0) } : nil
  }

  func addSteps(_ node: Node, to builder: inout PlanBuilder) throws -> Bool {
    try addFunction(node, to: &builder) || addBinary(node, to: &builder)
  }
}

/// x to a constant power: Pow whose exponent is known.
struct PowerOf: KernelFunction {
  var exponent: Float
  let name = "Pow"
  var kernelFunction: fovea_activation? { .init(FOVEA_ACT_POW, exponent) }

  func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] { [try floatType(of: inputs)] }

  func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    let exponent = Tensor([exponent], [])
    withExtendedLifetime(exponent) { Pow().forward([inputs[0], exponent.view], outputs) }
  }
}
