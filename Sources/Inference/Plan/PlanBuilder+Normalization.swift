import CKernels
import Tensors

extension PlanBuilder {
  /// A batch normalisation that no convolution took up.
  mutating func addBatchNormalization(_ node: Node) throws -> Bool {
    let base = Node(name: node.name, op: node.baseOperator, inputs: node.baseInputs, outputs: node.outputs)
    guard let (input, affine) = ChannelAffine.of(base, graph), let extent = picture(input), let output = node.outputs[0]
    else { return false }
    let floats = extent.blocks * 16
    let constants = (Tensor(.float32, [floats]), Tensor(.float32, [floats]))
    for channel in 0..<extent.channels {
      constants.0.view.floats[channel] = Float(affine.scale[channel])
      constants.1.view.floats[channel] = Float(affine.shift[channel])
    }
    let scale = allocate(byteCount: 4 * floats, external: constants.0.storage)
    let shift = allocate(byteCount: 4 * floats, external: constants.1.storage)
    let activation = node.activation.flatMap { KernelActivation($0) }?.function ?? KernelActivation.none
    let (source, target) = (try blocked(input), newBlocked(output, extent))
    let isa = isa.kernels
    addStep(describe(node, "factor and shift, \(self.isa.rawValue)", .blocked), [source, scale, shift, target]) {
      memory in
      let (x, y) = (memory.floats(source), memory.floats(target))
      let (factors, shifts) = (memory.floats(scale), memory.floats(shift))
      return kernelBody(extent.extent(isBlocked: true)) {
        fovea_channel_affine(isa, $0, activation, x, factors, shifts, y, $1, $2)
      }
    }
    return true
  }

  /// Local response normalisation across channels.
  mutating func addLRN(_ node: Node) throws -> Bool {
    guard let op = node.op as? LRN, let input = node.inputs[0], let output = node.outputs[0],
      let extent = picture(input), let size = Int32(exactly: op.size)
    else { return false }
    var params = fovea_lrn_params(
      extent: extent.extent(isBlocked: true), size: size, alpha: op.alpha, beta: op.beta, bias: op.bias)
    let scratch = addScratch(byteCount: fovea_lrn_scratch_size(isa.kernels, &params, Int32(threads)))
    let (source, target) = (try blocked(input), newBlocked(output, extent))
    let (isa, sizes) = (isa.kernels, params)
    addStep(describe(node, "across channels, \(self.isa.rawValue)", .blocked), [source, scratch, target]) { memory in
      let (x, y, own) = (memory.floats(source), memory.floats(target), scratch.map { memory[$0] })
      return kernelBody(sizes) { fovea_lrn(isa, $0, x, y, own, $1, $2) }
    }
    return true
  }

  /// Softmax and its logarithm along the last axes.
  mutating func addSoftmax(_ node: Node) throws -> Bool {
    guard let op = node.op as? Softmax, let input = node.inputs[0], let output = node.outputs[0] else { return false }
    let extents = op.extents(graph.type(of: input).shape)
    guard extents.inner == 1, extents.outer > 0, extents.length > 0 else { return false }
    let (source, target) = (try plain(input), newPlain(output))
    let isa = isa.kernels
    addStep(describe(node, "rows, \(self.isa.rawValue)", .plain), [source, target]) { memory in
      let (x, y) = (memory.floats(source), memory.floats(target))
      return kernelBody(op.isLogarithmic ? Int32(1) : 0) {
        fovea_softmax(isa, Int64(extents.outer), Int64(extents.length), $0.pointee, x, y, $1, $2)
      }
    }
    return true
  }

  /// Layer normalisation whose scale and bias cover every normalised axis.
  mutating func addLayerNormalization(_ node: Node) throws -> Bool {
    guard let op = node.op as? LayerNormalization, let input = node.inputs[0], let output = node.outputs[0],
      let gammaID = node.inputs[1], node.outputs.dropFirst().allSatisfy({ $0 == nil })
    else { return false }
    let shape = graph.type(of: input).shape
    let axis = op.axis < 0 ? op.axis + shape.rank : op.axis
    let columns = shape.dimensions[axis...].reduce(1, *)
    let betaID = node.inputs.count > 2 ? node.inputs[2] : nil
    guard columns > 0, shape.count > 0, graph.type(of: gammaID).shape.count == columns,
      betaID.map({ graph.type(of: $0).shape.count == columns }) ?? true
    else { return false }
    let (source, gamma, beta) = (try plain(input), try plain(gammaID), try betaID.map { try plain($0) })
    let target = newPlain(output)
    let (isa, rows, epsilon) = (isa.kernels, Int64(shape.count / columns), op.epsilon)
    addStep(describe(node, "rows, \(self.isa.rawValue)", .plain), [source, gamma, beta, target]) { memory in
      let (x, y) = (memory.floats(source), memory.floats(target))
      let (factors, shifts) = (memory.floats(gamma), beta.map { memory.floats($0) })
      return kernelBody(rows) {
        fovea_layer_norm(isa, $0.pointee, Int64(columns), epsilon, x, factors, shifts, y, $1, $2)
      }
    }
    return true
  }
}
