import CKernels

/// The kernels' form of a derivative.
enum KernelSlope {
  /// Of an operator that multiplies a gradient by a slope; nil when no kernel has it.
  static func of(_ op: any Operator) -> fovea_slope? {
    switch op {
    case let spread as SpreadSlope: of(spread.slope.function)
    case let gradient as ActivationGradient: of(gradient.function)
    case let share as RelevanceShare: slope(FOVEA_SLOPE_SHARE, share.epsilon)
    default: nil
    }
  }

  private static func of(_ function: any DifferentiableFunction) -> fovea_slope? {
    if let gate = Gate(function) { return slope(FOVEA_SLOPE_GATE, gate.low, gate.high, 1) }
    switch function {
    case let hard as HardSigmoid: return slope(FOVEA_SLOPE_GATE, 0, 1, hard.alpha)
    case let leaky as LeakyRelu: return slope(FOVEA_SLOPE_BENT, 0, leaky.alpha, 1)
    case let threshold as ThresholdedRelu: return slope(FOVEA_SLOPE_GATE, threshold.alpha, .infinity, 1)
    case let elu as Elu where elu.derivativeReadsOutput: return slope(FOVEA_SLOPE_BENT, 1, elu.alpha, 1)
    case let celu as Celu where celu.derivativeReadsOutput: return slope(FOVEA_SLOPE_BENT, 1 / celu.alpha, 1, 1)
    case let selu as Selu where selu.derivativeReadsOutput:
      return slope(FOVEA_SLOPE_BENT, 1, selu.gamma * selu.alpha, selu.gamma)
    case is HardSwish: return slope(FOVEA_SLOPE_HARD_SWISH)
    case let swish as Swish: return slope(FOVEA_SLOPE_SILU, swish.alpha)
    case let gelu as Gelu: return slope(gelu.usesTanh ? FOVEA_SLOPE_GELU_TANH : FOVEA_SLOPE_GELU_ERF)
    default: return simple(function).map { slope($0) }
    }
  }

  private static func slope(_ kind: fovea_slope_kind, _ a: Float = 0, _ b: Float = 0, _ c: Float = 0) -> fovea_slope {
    fovea_slope(kind: kind, a: a, b: b, c: c)
  }

  private static func simple(_ function: any DifferentiableFunction) -> fovea_slope_kind? {
    switch function {
    case is Sigmoid: FOVEA_SLOPE_SIGMOID
    case is Tanh: FOVEA_SLOPE_TANH
    case is Softplus: FOVEA_SLOPE_SOFTPLUS
    case is Exp: FOVEA_SLOPE_EXP
    case is Sqrt: FOVEA_SLOPE_SQRT
    case is Reciprocal: FOVEA_SLOPE_RECIPROCAL
    case is Erf: FOVEA_SLOPE_ERF
    case is Mish: FOVEA_SLOPE_MISH
    case is Softsign: FOVEA_SLOPE_SOFTSIGN
    case is Log: FOVEA_SLOPE_LOG
    case is Abs: FOVEA_SLOPE_ABS
    default: nil
    }
  }
}
