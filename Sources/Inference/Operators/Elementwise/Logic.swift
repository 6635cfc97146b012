import Tensors

/// An operator on two bool tensors under NumPy's broadcasting. Any byte but 0 is true.
protocol ElementwiseLogic: Operator {
  func combine(_ a: Bool, _ b: Bool) -> Bool
}

extension ElementwiseLogic {
  /// The broadcast shape, bool.
  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    try inputs.refuseMore(than: 2)
    return [try broadcastType(of: [inputs.required(0, "A"), inputs.required(1, "B")], [.bool])]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let a = inputs[0], let b = inputs[1] else { return }
    combineBroadcast(a, b, outputs[0]) { (x: UInt8, y: UInt8) -> UInt8 in combine(x != 0, y != 0) ? 1 : 0 }
  }
}

/// Both. ONNX And.
package struct And: ElementwiseLogic {
  package init() {}
  func combine(_ a: Bool, _ b: Bool) -> Bool { a && b }
}

/// Either. ONNX Or.
package struct Or: ElementwiseLogic {
  package init() {}
  func combine(_ a: Bool, _ b: Bool) -> Bool { a || b }
}

/// One but not both. ONNX Xor.
package struct Xor: ElementwiseLogic {
  package init() {}
  func combine(_ a: Bool, _ b: Bool) -> Bool { a != b }
}

/// The opposite. ONNX Not.
package struct Not: Operator {
  package init() {}

  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    let input = try inputs.required(0, "X")
    try input.require([.bool], "X")
    return [input.type]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let x = inputs[0] else { return }
    mapElements(x, outputs[0]) { (e: UInt8) -> UInt8 in e == 0 ? 1 : 0 }
  }
}

/// out[i] = condition[i] ? x[i] : y[i] under NumPy's broadcasting, for any element type. ONNX Where.
package struct Where: Operator {
  package init() {}

  /// The broadcast shape of all three, of the type of the last two.
  package func outputTypes(for inputs: [OperatorInput?]) throws -> [TensorType] {
    let (condition, x, y) = (
      try inputs.required(0, "condition"), try inputs.required(1, "X"), try inputs.required(2, "Y")
    )
    try condition.require([.bool], "condition")
    let type = try broadcastType(of: [x, y], ElementType.allCases)
    return [TensorType(type.element, try broadcastShape([condition.type.shape, type.shape]))]
  }

  package func forward(_ inputs: [TensorView?], _ outputs: [TensorView]) {
    guard let condition = inputs[0], let x = inputs[1], let y = inputs[2] else { return }
    switch outputs[0].type.size {
    case 1: choose(UInt8.self, condition, x, y, outputs[0])
    case 2: choose(UInt16.self, condition, x, y, outputs[0])
    case 4: choose(UInt32.self, condition, x, y, outputs[0])
    default: choose(UInt64.self, condition, x, y, outputs[0])
    }
  }

  private func choose<T>(
    _: T.Type, _ condition: TensorView, _ x: TensorView, _ y: TensorView, _ out: TensorView
  ) {
    let flags = condition.pointer.assumingMemoryBound(to: UInt8.self)
    let (yes, no) = (x.pointer.assumingMemoryBound(to: T.self), y.pointer.assumingMemoryBound(to: T.self))
    let result = out.pointer.assumingMemoryBound(to: T.self)
    let walk = StridedWalk(output: out.shape, condition.shape, x.shape, y.shape)
    let (count, step) = (walk.rowCount, walk.rowSteps)
    walk.forEachRow { at in
      for i in 0..<count {
        result[at.a &+ i] =
          flags[at.b &+ i &* step.b] != 0 ? yes[at.c &+ i &* step.c] : no[at.d &+ i &* step.d]
      }
    }
  }
}
