import CKernels
import Tensors

/// An operator that maps each element by itself, as the kernels know it.
protocol KernelFunction: Lowerable {
  /// What the kernels take; nil when no kernel computes it.
  var kernelFunction: fovea_activation? { get }

  /// The same function of one input, with constant further inputs such as the bounds of Clip as its fields; nil where they are
  /// computed.
  func withoutInputs(_ node: Node, _ graph: Graph) -> (any KernelFunction)?

  /// The function that does this one to what `first` gives; nil where no kernel does both at once.
  func after(_ first: any KernelFunction) -> (any KernelFunction)?
}

extension KernelFunction {
  func withoutInputs(_ node: Node, _ graph: Graph) -> (any KernelFunction)? { node.inputs.count == 1 ? self : nil }

  func after(_ first: any KernelFunction) -> (any KernelFunction)? { nil }

  func addSteps(_ node: Node, to builder: inout PlanBuilder) throws -> Bool { try addFunction(node, to: &builder) }

  /// One step in whatever layout the value lies.
  func addFunction(_ node: Node, to builder: inout PlanBuilder) throws -> Bool {
    guard let input = node.inputs[0], let output = node.outputs[0],
      let function = node.function(in: builder.graph)?.kernelFunction
    else { return false }
    let (source, target): (Buffer, Buffer)
    let extent: fovea_extent
    let layout: TensorLayout
    if builder.isBlocked(input), let picture = builder.picture(input),
      builder.graph.type(of: output) == builder.graph.type(of: input)
    {
      (source, target) = (try builder.blocked(input), builder.newBlocked(output, picture))
      (extent, layout) = (picture.extent(isBlocked: true), .blocked)
    } else {
      (source, target) = (try builder.plain(input), builder.newPlain(output))
      let count = Int64(builder.graph.type(of: input).shape.count)
      (extent, layout) = (fovea_extent(batch: 1, channels: 1, pixels: count, blocked: 0), .plain)
    }
    let isa = builder.isa.kernels
    builder.addStep(builder.describe(node, "vector, \(builder.isa)", layout), [source, target]) { memory in
      let (from, to) = (memory.floats(source), memory.floats(target))
      return kernelBody(extent) { fovea_unary(isa, $0, function, from, to, $1, $2) }
    }
    return true
  }
}

extension Node {
  /// The function that the node computes of one float32 value; nil when no kernel does.
  func function(in graph: Graph) -> (any KernelFunction)? {
    guard let input = inputs.first.flatMap({ $0 }), graph.type(of: input).element == .float32,
      let function = (op as? any KernelFunction)?.withoutInputs(self, graph), function.kernelFunction != nil
    else { return nil }
    return function
  }

  /// The activation that is fused to the node, as its kernel takes it.
  var kernelActivation: fovea_activation { activation?.kernelFunction ?? .identity }

  /// The function fused to its operator before a sum.
  var kernelFunctionBeforeSum: fovea_activation { roundingBeforeSum?.kernelFunction ?? .identity }
}

extension fovea_activation {
  /// No function at all.
  static let identity = fovea_activation(FOVEA_ACT_NONE)

  init(_ kind: fovea_activation_kind, _ a: Float = 0, _ b: Float = 0, _ c: Float = 0) {
    self.init(kind: kind, a: a, b: b, c: c)
  }
}
