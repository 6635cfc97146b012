import Inference
import Tensors
import TestSupport
import Testing

/// What `outputTypes` refuses, and that it never traps: models are hostile input.
@Suite struct OperatorChecksTests {
  private static func floats(_ extents: Int...) -> OperatorInput {
    OperatorInput(TensorType(.float32, Shape(extents)))
  }

  private static func ints(_ values: Int...) -> OperatorInput {
    OperatorInput(TensorType(.int64, [values.count]), constant: Tensor(values, [values.count]))
  }

  private static func scales(_ values: Float...) -> OperatorInput {
    OperatorInput(TensorType(.float32, [values.count]), constant: Tensor(values, [values.count]))
  }

  private static let computed = OperatorInput(TensorType(.int64, [2]))
  private static let huge = 1 << 40

  private static var linearResize: Resize {
    var resize = Resize()
    resize.mode = .linear
    return resize
  }

  struct Case: Sendable {
    let op: any Operator
    let inputs: [OperatorInput?]
    let expected: String

    init(_ op: any Operator, _ inputs: [OperatorInput?], _ expected: String) {
      (self.op, self.inputs, self.expected) = (op, inputs, expected)
    }
  }

  static let refused: [Case] = [
    Case(Add(), [floats(2, 3), floats(4)], "cannot be broadcast"),
    Case(Add(), [floats(2), ints(1, 2)], "different types"),
    Case(Add(), [floats(2)], "input B is missing"),
    Case(Add(), [floats(2), floats(2), floats(2)], "has 3 inputs"),
    Case(Add(), [floats(1, 1, 1, 1, 1, 1, 1, 1, 1), floats(1)], "9 axes"),
    Case(Add(), [floats(1 << 20, 1), floats(1, 1 << 20)], "too many"),
    Case(Sqrt(), [ints(1)], "int64"),
    Case(Not(), [floats(1)], "float32"),
    Case(Reshape(), [floats(2, 3), computed], "depends on the network's input"),
    Case(Reshape(), [floats(2, 3), ints(4, -1)], "do not fit"),
    Case(Reshape(), [floats(2, 3), ints(-1, -1)], "not a shape"),
    Case(Reshape(), [floats(2, 3), ints(-2)], "not a shape"),
    Case(Reshape(), [floats(2, 3), ints(0, 0, 0)], "copies axis 2"),
    Case(Reshape(), [floats(2, 3), ints(huge, huge)], "too many"),
    Case(Reshape(), [floats(0, 3), ints(0, -1)], "do not fit"),
    Case(Flatten(axis: 3), [floats(2, 3)], "axis 3 does not exist"),
    Case(Squeeze(axes: [1]), [floats(1, 3)], "has extent 3"),
    Case(Unsqueeze(), [floats(2), ints(0, 0)], "name an axis twice"),
    Case(Transpose(permutation: [0, 0]), [floats(2, 3)], "not an order"),
    Case(Concat(axis: 1), [floats(2, 3), floats(3, 3)], "differ beside axis 1"),
    Case(Split(axis: 0, parts: .extents([1, .max]), outputCount: 2), [floats(4)], "cannot be split"),
    Case(Split(axis: 0, parts: .equal(0), outputCount: 0), [floats(4)], "into 0 parts"),
    Case(SliceOperator(), [floats(4), ints(0), ints(1), ints(0), ints(0)], "step of 0"),
    Case(SliceOperator(), [floats(4, 4), ints(0, 1), ints(1)], "differ in length"),
    Case(SliceOperator(), [floats(4), ints(0), ints(1), ints(1)], "axis 1 does not exist"),
    Case(Pad(), [floats(2, 2), ints(1, 1)], "twice as many"),
    Case(Pad(), [floats(2), ints(.max, .max)], "too large"),
    Case(Pad(), [floats(2), ints(-3, 0)], "cut more"),
    Case(Pad(mode: .edge), [floats(0), ints(1, 0)], "nothing to repeat"),
    Case(Expand(), [floats(3), ints(huge)], "too many"),
    Case(Tile(), [floats(3, 3), ints(huge, huge)], "do not fit"),
    Case(Gather(axis: 0), [floats(3), ints(3)], "index 3 lies outside"),
    Case(Gather(axis: 0), [floats(3), ints(.min)], "lies outside"),
    Case(Gather(axis: 0), [floats(0, 3), computed], "empty"),
    Case(GatherElements(axis: 0), [floats(3, 2), ints(1)], "indices of shape 1"),
    Case(GatherND(), [floats(3), OperatorInput(TensorType(.int64, [2, 2]))], "indices of shape 2x2"),
    Case(ConstantOfShape(), [ints(huge)], "too many"),
    Case(RangeOperator(), [ints(0), ints(huge), ints(1)], "a range of"),
    Case(RangeOperator(), [ints(0), ints(5), ints(0)], "a range of"),
    Case(DepthToSpace(blockSize: 0), [floats(1, 4, 2, 2)], "b = 0"),
    Case(SpaceToDepth(blockSize: 3), [floats(1, 4, 2, 2)], "b = 3"),
    Case(Gemm(), [floats(2, 3), floats(2, 3)], "share no extent"),
    Case(Gemm(), [floats(2, 3), floats(3, 4), floats(5)], "cannot be broadcast"),
    Case(MatMul(), [floats(2, 3), floats(4, 3)], "share no extent"),
    Case(MatMul(), [floats(), floats(3)], "scalar"),
    Case(Reduce(.mean, axes: [0, -2]), [floats(2, 3)], "name an axis twice"),
    Case(ArgMax(axis: 0), [floats(0, 3)], "empty"),
    Case(TopKOperator(), [floats(3), ints(4)], "the best 4 of 3"),
    Case(QuantizeLinear(), [floats(2, 3), scales(1, 1)], "or 3 for axis 1"),
    Case(DequantizeLinear(), [floats(2), scales(1)], "x is float32"),
    Case(Resize(), [floats(1, 1, 2, 2), nil, scales(1, 1, -2, 2)], "scale or size of -2"),
    Case(Resize(), [floats(1, 1, 2, 2), nil, scales(1, 1, .nan, 2)], "scale or size"),
    Case(Resize(), [floats(1, 1, 2, 2), nil, scales(1, 1, 1e9, 1e9)], "cannot be scaled"),
    Case(Resize(), [floats(1, 1, 2, 2), nil, scales(2)], "1 scales or sizes for 4 axes"),
    Case(Resize(), [floats(1, 1, 2, 2)], "needs constant scales or sizes"),
    Case(BatchStatistics(), [floats(1, 3, 4), floats(3), floats(3)], "is in training mode"),
    Case(VolumeConv(), [floats(1, 2, 3, 3, 3), floats(1, 2, 4, 1, 1)], "does not fit into its padded input"),
    Case(VolumeConv(strides: [0, 1, 1]), [floats(1, 1, 3, 3, 3), floats(1, 1, 1, 1, 1)], "three spatial axes"),
    Case(VolumeConv(groups: 2), [floats(1, 3, 3, 3, 3), floats(2, 1, 1, 1, 1)], "in 2 groups"),
    Case(CumSum(), [floats(2, 3), ints(2)], "axis 2 does not exist"),
    Case(CumSum(), [floats(2, 3), ints(0, 1)], "one number"),
    Case(EyeLike(), [floats(2, 3, 4)], "2 axes"),
    Case(ScatterND(), [floats(3, 2), OperatorInput(TensorType(.int64, [2, 1])), floats(2, 3)], "updates are"),
    Case(ScatterND(), [floats(3), OperatorInput(TensorType(.int64, [2, 2])), floats(2)], "indices of shape"),
    Case(
      Conditional(whenTrue: .init(nodes: [], outputs: []), whenFalse: .init(nodes: [], outputs: [])), [floats(1)],
      "depends on the picture"),
    Case(linearResize, [floats(0, 2), nil, nil, ints(2, 2)], "nothing to enlarge"),
  ]

  @Test(arguments: refused.indices) func refusalsAreSentences(index: Int) {
    let test = Self.refused[index]
    let error = #expect(throws: OperatorError.self) { try test.op.outputTypes(for: test.inputs) }
    #expect(error?.description.contains(test.expected) == true, "\(test.op.name): \(error?.description ?? "")")
  }

  /// Random shapes and parameters, also absurd ones: an operator refuses them, or its forward stays inside its memory
  /// (guard bytes around every output tell).
  @Test func acceptedInputsStayInsideTheirMemory() throws {
    var random = Generator(source: SplitMix64(20_251))
    var accepted = 0
    for _ in 0..<4000 {
      let (op, inputs) = random.operation()
      let filled = inputs.map { $0.map { input in input.constant ?? random.tensor(input.type) } }
      guard let types = try? op.outputTypes(for: inputs), types.allSatisfy({ $0.shape.count < 1 << 16 }) else {
        continue
      }
      accepted += 1
      let guarded = types.map { type in TensorStorage(byteCount: type.element.size * type.shape.count + 128) }
      for storage in guarded { storage.bytes.initializeMemory(as: UInt8.self, repeating: 0xA5) }
      let views = zip(types, guarded).map { type, storage in
        TensorView(type.element, type.shape, storage.bytes.baseAddress! + 64)
      }
      op.forward(filled.map { $0?.view }, views)
      withExtendedLifetime(filled) {}
      for (type, storage) in zip(types, guarded) {
        let end = 64 + type.element.size * type.shape.count
        #expect(storage.bytes[..<64].allSatisfy { $0 == 0xA5 }, "\(op) \(inputs.map { $0?.type })")
        #expect(storage.bytes[end..<end + 64].allSatisfy { $0 == 0xA5 }, "\(op) \(inputs.map { $0?.type })")
      }
    }
    #expect(accepted > 800, "only \(accepted) of the random operators were valid")
  }
}

/// Random operators.
private struct Generator: RandomNumberGenerator {
  var source: SplitMix64

  mutating func next() -> UInt64 { source.next() }

  mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

  /// Mostly small, now and then absurd.
  mutating func parameter() -> Int {
    let absurd = [Int.min, Int.max, 1 << 31, -(1 << 40), 1 << 62]
    return int(0...9) == 0 ? absurd[int(0...4)] : int(-4...5)
  }

  mutating func shape(_ rank: Int? = nil) -> Shape {
    let rank = rank ?? int(0...4)
    return Shape((0..<rank).map { _ in int(0...9) == 0 ? 0 : int(1...4) })
  }

  mutating func tensor(_ type: TensorType) -> Tensor {
    let tensor = Tensor(type.element, type.shape)
    switch type.element {
    case .float32: for i in tensor.view.floats.indices { tensor.view.floats[i] = Float(int(-8...8)) / 4 }
    case .int64: for i in 0..<type.shape.count { tensor.view.elements(as: Int64.self)[i] = Int64(parameter()) }
    default: break
    }
    return tensor
  }

  mutating func float(_ rank: Int? = nil) -> OperatorInput { OperatorInput(TensorType(.float32, shape(rank))) }

  mutating func ints(_ count: Int) -> OperatorInput {
    let values = (0..<count).map { _ in parameter() }
    return OperatorInput(TensorType(.int64, [count]), constant: Tensor(values, [count]))
  }

  mutating func indices(_ rank: Int) -> OperatorInput { OperatorInput(TensorType(.int64, shape(rank))) }

  mutating func operation() -> (any Operator, [OperatorInput?]) {
    let x = float()
    let rank = x.type.shape.rank
    switch int(0...17) {
    case 0: return (SliceOperator(), [x, ints(1), ints(1), ints(1), ints(1)])
    case 1: return (SliceOperator(), [x, ints(rank), ints(rank), nil, ints(rank)])
    case 2: return (Pad(mode: Pad.Mode.allCases[int(0...3)]), [x, ints(2 * rank)])
    case 3: return (Reshape(allowZero: int(0...1) == 0), [x, ints(int(0...4))])
    case 4: return (Gather(axis: int(-4...4)), [x, indices(int(0...2))])
    case 5: return (GatherElements(axis: int(-4...4)), [x, indices(rank)])
    case 6: return (GatherND(batchDimensions: int(0...2)), [x, indices(int(1...3))])
    case 7: return (Expand(), [x, ints(int(0...4))])
    case 8: return (Tile(), [x, ints(rank)])
    case 9: return (Reduce(Reduction.allCases[int(0...8)], keepsAxes: int(0...1) == 0), [x, ints(int(0...2))])
    case 10: return (resize(), [x, nil, nil, ints(rank)])
    case 11: return (resize(), [x, nil, tensorInput(rank)])
    case 12: return (MatMul(), [x, float()])
    case 13: return (Split(axis: int(-4...4), parts: .equal(2), outputCount: 2), [x])
    case 14: return (Concat(axis: int(-4...4)), [x, float(rank), x])
    case 15: return (Where(), [OperatorInput(TensorType(.bool, shape())), x, float()])
    case 16: return (TopKOperator(axis: int(-4...4)), [x, ints(1)])
    default: return (ArgMax(axis: int(-4...4), keepsAxis: int(0...1) == 0), [x])
    }
  }

  mutating func tensorInput(_ count: Int) -> OperatorInput {
    let choices: [Float] = [0.1, 0.5, 1, 1.7, 3, 1e-30, 1e30, -1, .nan, .infinity]
    let values = (0..<count).map { _ in choices[int(0...3 + int(0...6))] }
    return OperatorInput(TensorType(.float32, [count]), constant: Tensor(values, [count]))
  }

  mutating func resize() -> Resize {
    var resize = Resize()
    resize.mode = Resize.Mode.allCases[int(0...2)]
    resize.coordinates = CoordinateRule.allCases[int(0...5)]
    resize.nearest = NearestRule.allCases[int(0...4)]
    resize.policy = Resize.SizePolicy.allCases[int(0...2)]
    (resize.antialias, resize.excludesOutside) = (int(0...1) == 0, int(0...1) == 0)
    return resize
  }
}
