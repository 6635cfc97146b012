import CKernels
import Tensors

/// The kernels' form of an element-wise operator.
struct KernelActivation {
  /// What the kernels take.
  let function: fovea_activation

  /// Of a node that maps one float32 value element by element; nil when no kernel does it.
  init?(_ node: Node, _ graph: Graph) {
    guard let input = node.inputs.first.flatMap({ $0 }), graph.type(of: input).element == .float32,
      let op = Self.withoutInputs(node, graph), let known = Self(op)
    else { return nil }
    self = known
  }

  /// The node's operator with its constant inputs, such as the bounds of Clip, moved into its attributes.
  static func withoutInputs(_ node: Node, _ graph: Graph) -> (any Operator)? {
    let matcher = ExpressionMatcher(graph: Graph(name: "", values: graph.values, nodes: [], inputs: [], outputs: []))
    switch node.op {
    case var clip as Clip:
      guard let bounds = matcher.clipBounds(clip, node) else { return nil }
      (clip.minimum, clip.maximum) = bounds
      return clip
    case is Pow:
      guard node.inputs.count == 2, let exponent = matcher.number(node.inputs[1]) else { return nil }
      return PowerOf(exponent: exponent)
    default: return node.inputs.count == 1 ? node.op : nil
    }
  }

  /// Of an operator without further inputs; nil when no kernel does it.
  init?(_ op: any Operator) {
    guard let (kind, a, b) = Self.kind(of: op) else { return nil }
    function = fovea_activation(kind: kind, a: a, b: b)
  }

  /// No function at all.
  static var none: fovea_activation { fovea_activation(kind: FOVEA_ACT_NONE, a: 0, b: 0) }

  private static func kind(of op: any Operator) -> (fovea_activation_kind, Float, Float)? {
    switch op {
    case is Relu: (FOVEA_ACT_RELU, 0, 0)
    case let clip as Clip: (FOVEA_ACT_CLIP, clip.minimum, clip.maximum)
    case let leaky as LeakyRelu: (FOVEA_ACT_LEAKY, leaky.alpha, 0)
    case let hard as HardSigmoid: (FOVEA_ACT_HARD_SIGMOID, hard.alpha, hard.beta)
    case is HardSwish: (FOVEA_ACT_HARD_SWISH, 0, 0)
    case let elu as Elu: (FOVEA_ACT_ELU, elu.alpha, 0)
    case let selu as Selu: (FOVEA_ACT_SELU, selu.alpha, selu.gamma)
    case let celu as Celu: (FOVEA_ACT_CELU, celu.alpha, 0)
    case is Sigmoid: (FOVEA_ACT_SIGMOID, 0, 0)
    case let swish as Swish: swish.alpha == 1 ? (FOVEA_ACT_SILU, 0, 0) : nil
    case let gelu as Gelu: (gelu.usesTanh ? FOVEA_ACT_GELU_TANH : FOVEA_ACT_GELU_ERF, 0, 0)
    case is Erf: (FOVEA_ACT_ERF, 0, 0)
    case is Tanh: (FOVEA_ACT_TANH, 0, 0)
    case is Softplus: (FOVEA_ACT_SOFTPLUS, 0, 0)
    case is Mish: (FOVEA_ACT_MISH, 0, 0)
    case is Softsign: (FOVEA_ACT_SOFTSIGN, 0, 0)
    case let threshold as ThresholdedRelu: (FOVEA_ACT_THRESHOLDED, threshold.alpha, 0)
    default: arithmetic(op)
    }
  }

  private static func arithmetic(_ op: any Operator) -> (fovea_activation_kind, Float, Float)? {
    switch op {
    case is Exp: (FOVEA_ACT_EXP, 0, 0)
    case is Log: (FOVEA_ACT_LOG, 0, 0)
    case is Sqrt: (FOVEA_ACT_SQRT, 0, 0)
    case is Abs: (FOVEA_ACT_ABS, 0, 0)
    case is Neg: (FOVEA_ACT_NEG, 0, 0)
    case let power as PowerOf: (FOVEA_ACT_POW, power.exponent, 0)
    case is Reciprocal: (FOVEA_ACT_RECIPROCAL, 0, 0)
    case is Floor: (FOVEA_ACT_FLOOR, 0, 0)
    case is Ceil: (FOVEA_ACT_CEIL, 0, 0)
    case is Round: (FOVEA_ACT_ROUND, 0, 0)
    case is Sign: (FOVEA_ACT_SIGN, 0, 0)
    default: nil
    }
  }
}

/// x to a constant power: Pow whose exponent is known.
struct PowerOf: Operator {
  var exponent: Float
  let name = "Pow"

  func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] { [try floatType(of: inputs)] }

  func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    let exponent = Tensor([exponent], [])
    withExtendedLifetime(exponent) { Pow().forward([inputs[0], exponent.view], outputs) }
  }
}
