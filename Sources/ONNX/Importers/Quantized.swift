import Inference
import Tensors

extension ImporterTable {
  /// Operators on quantised values (ONNX's QLinear ones and onnxruntime's): computed in float32 between reading and rounding.
  static let quantized: [String: ImporterEntry] = [
    "QLinearConv": entry(8...9, qLinearConv),
    "QLinearMatMul": entry(8...8) { context in
      let operands = [context.number(at: 0, zero: 2, axis: -2), context.number(at: 3, zero: 5, axis: -1)]
      return rescaled(context, context.emit(MatMul(), operands), from: (1, 4), to: 6, channelAxes: 0)
    },
    "com.microsoft.QGemm": entry(6...9, qGemm),
    "com.microsoft.QLinearAdd": entry(7...8, qLinearAdd),
    "com.microsoft.QLinearMul": entry(7...8) { context in
      let operands = [context.number(at: 0, zero: 2, axis: 1), context.number(at: 3, zero: 5, axis: 1)]
      return rescaled(context, context.emit(Mul(), operands), from: (1, 4), to: 6, channelAxes: 0)
    },
    "com.microsoft.QLinearConcat": ImporterEntry(qLinearConcat),
    "com.microsoft.QLinearSigmoid": function { _ in Sigmoid() },
    "com.microsoft.QLinearLeakyRelu": function { LeakyRelu(alpha: try $0.float("alpha", default: 0.01)) },
    "com.microsoft.QLinearSoftmax": function { context in
      let isOld = try context.int("opset", default: 13) < 13
      return Softmax(axis: try context.int("axis", default: -1), coversTrailingAxes: isOld)
    },
    "com.microsoft.QLinearGlobalAveragePool": function { context in
      try refuseChannelsLast(context)
      return GlobalAveragePool()
    },
    "com.microsoft.QLinearAveragePool": function { context in
      try refuseChannelsLast(context)
      return AveragePool(window: try window(context), countsPadding: try context.flag("count_include_pad"))
    },
    "com.microsoft.QuantizeLinear": entry(2...3, quantize),
    "com.microsoft.DequantizeLinear": entry(2...3) { DequantizeLinear(axis: try quantizationAxis($0)) },
  ]

  /// Rounds a value to the output's levels: scale and zero point are the inputs from `scale` on.
  private static func rounded(_ context: ImportContext, _ value: ValueID, scale: Int) -> any Operator {
    context.inputs = [value, context.inputs[scale]] + (context.hasInput(scale + 1) ? [context.inputs[scale + 1]] : [])
    return QuantizeLinear()
  }

  /// A function of one value: x, its scale and zero point, the output's scale and zero point.
  private static func function(
    _ make: @escaping @Sendable (ImportContext) throws -> any Operator
  ) -> ImporterEntry {
    entry(4...5) { context in
      let x = context.real(at: 0, scale: 1, zero: 2, axis: 1)
      return rounded(context, context.emit(try make(context), [x]), scale: 3)
    }
  }

  /// Two values with scales and zero points, then those of the output.
  private static func qLinearAdd(_ context: ImportContext) throws -> any Operator {
    let a = context.real(at: 0, scale: 1, zero: 2, axis: 1)
    let b = context.real(at: 3, scale: 4, zero: 5, axis: 1)
    return rounded(context, context.emit(Add(), [a, b]), scale: 6)
  }

  /// x, w and y with scales and zero points; the bias counts in units of the product. The sums are those of whole numbers, so that they
  /// are rounded as integers are.
  private static func qLinearConv(_ context: ImportContext) throws -> any Operator {
    let op = try conv(context)
    var operands: [ValueID?] = [context.number(at: 0, zero: 2, axis: 0), context.number(at: 3, zero: 5, axis: 0)]
    if context.hasInput(8) { operands.append(context.emit(Cast(to: .float32), [context.inputs[8]])) }
    return rescaled(
      context, context.emit(op, operands), from: (1, 4), to: 6, channelAxes: (context.constant(3)?.shape.rank ?? 4) - 2)
  }

  private static func qGemm(_ context: ImportContext) throws -> any Operator {
    let (transposesA, transposesB) = (try context.flag("transA"), try context.flag("transB"))
    let alpha = try context.float("alpha", default: 1)
    let op = Gemm(alpha: 1, beta: 1, transposeA: transposesA, transposeB: transposesB)
    var operands: [ValueID?] = [
      context.number(at: 0, zero: 2, axis: 0), context.number(at: 3, zero: 5, axis: transposesB ? 0 : 1),
    ]
    if context.hasInput(6) { operands.append(context.emit(Cast(to: .float32), [context.inputs[6]])) }
    let sum = context.emit(op, operands)
    return rescaled(context, sum, from: (1, 4), to: context.hasInput(7) ? 7 : nil, channelAxes: 0, alpha: alpha)
  }

  /// A sum of products of whole numbers, in the output's levels.
  /// - Parameters:
  ///   - scales: the inputs with the scales of the factors; the second may be one for each channel.
  ///   - output: the input with the output's scale, before its zero point; nil for an output of float32.
  ///   - channelAxes: how many axes come behind the channels.
  private static func rescaled(
    _ context: ImportContext, _ sum: ValueID, from scales: (Int, Int), to output: Int?, channelAxes: Int,
    alpha: Float = 1
  ) -> any Operator {
    var scale = context.emit(Mul(), [context.inputs[scales.0], context.inputs[scales.1]])
    if let output { scale = context.emit(Div(), [scale, context.inputs[output]]) }
    if alpha != 1 { scale = context.emit(Mul(), [scale, context.addConstant(Tensor([alpha], []))]) }
    if (context.constant(scales.1)?.shape.count ?? 1) > 1, channelAxes > 0 {
      scale = context.emit(Unsqueeze(axes: Array(1...channelAxes)), [scale])
    }
    let whole = context.emit(WholeSum(), [sum])
    guard let output else {
      context.inputs = [whole, scale]
      return Mul()
    }
    let levels = context.emit(Mul(), [whole, scale])
    let one = context.addConstant(Tensor([Float(1)], []))
    context.inputs = [levels, one] + (context.hasInput(output + 1) ? [context.inputs[output + 1]] : [])
    return QuantizeLinear()
  }

  /// The output's scale and zero point, then each value with its own.
  private static func qLinearConcat(_ context: ImportContext) throws -> any Operator {
    guard context.inputs.count >= 5, (context.inputs.count - 2) % 3 == 0 else {
      throw OperatorError("has \(context.inputs.count) inputs where 2 and 3 for each value are needed")
    }
    let axis = try required(context.int("axis"), "axis")
    let parts = stride(from: 2, to: context.inputs.count, by: 3).map { index in
      context.real(at: index, scale: index + 1, zero: index + 2, axis: 1)
    }
    return rounded(context, context.emit(Concat(axis: axis), parts), scale: 0)
  }

  private static func refuseChannelsLast(_ context: ImportContext) throws {
    if try context.flag("channels_last") {
      throw OperatorError("has its channels last, which is not supported; quantise the model in the order [N, C, H, W]")
    }
  }
}
