import CKernels

extension PlanBuilder {
  /// Adds the steps of a node; false when no kernel takes it as it is, and then nothing has been added.
  typealias StepMaker = @Sendable (inout PlanBuilder, Node) throws -> Bool

  /// Who makes the steps, by op_type. What is not here, or refused, runs its reference.
  static let makers: [String: StepMaker] = {
    var makers: [String: StepMaker] = [
      "Conv": { try $0.addConvolution($1) },
      "ConvTranspose": { try $0.addConvolution($1) },
      "MaxPool": { try $0.addPool($1) },
      "AveragePool": { try $0.addPool($1) },
      "GlobalAveragePool": { try $0.addGlobalPool($1, kind: FOVEA_POOL_AVERAGE) },
      "GlobalMaxPool": { try $0.addGlobalPool($1, kind: FOVEA_POOL_MAX) },
      "BatchNormalization": { try $0.addBatchNormalization($1) },
      "LRN": { try $0.addLRN($1) },
      "Softmax": { try $0.addSoftmax($1) },
      "LogSoftmax": { try $0.addSoftmax($1) },
      "LayerNormalization": { try $0.addLayerNormalization($1) },
      "Gemm": { try $0.addLinearAdjoint($1) ? true : try $0.addLinear($1) },
      "MatMul": { try $0.addMatMul($1) },
      "MatMul+Add": { try $0.addLinear($1) },
      "Transpose": { try $0.addTranspose($1) },
      "Concat": { try $0.addConcat($1) },
      "Split": { try $0.addSplit($1) },
      "ChannelGather": { try $0.addChannelGather($1) },
      "Pow": { try $0.addUnary($1) ? true : try $0.addBinary($1) },
    ]
    makers["RelevanceShare"] = { try $0.addSlope($1) }
    makers["Expand"] = { try $0.addSpread($1) }
    makers["MaxPoolGradient"] = { try $0.addPoolGradient($1) }
    makers["AveragePoolGradient"] = { try $0.addPoolGradient($1) }
    makers["Weave"] = { try $0.addWeave($1) }
    makers["Surroundings"] = { try $0.addSurroundings($1) }
    for name in unaryNames { makers["\(name)Gradient"] = { try $0.addSlope($1) } }
    for name in ["Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity", "Dropout"] {
      makers[name] = { try $0.addReinterpretation($1) }
    }
    for name in ["ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceSumSquare"] {
      makers[name] = { try $0.addReduction($1) }
    }
    for name in ["Add", "Sum", "Sub", "Mul", "Div", "Min", "Max", "PRelu"] { makers[name] = { try $0.addBinary($1) } }
    for name in unaryNames { makers[name] = { try $0.addUnary($1) } }
    return makers
  }()

  private static let unaryNames = [
    "Relu", "Clip", "LeakyRelu", "HardSigmoid", "HardSwish", "Elu", "Selu", "Celu", "Sigmoid", "Swish", "Gelu", "Erf",
    "Tanh", "Softplus", "Mish", "Softsign", "ThresholdedRelu", "Exp", "Log", "Sqrt", "Abs", "Neg", "Reciprocal",
    "Floor",
    "Ceil", "Round", "Sign",
  ]
}
