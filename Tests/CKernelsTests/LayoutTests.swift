import CKernels
import Testing

@Suite struct LayoutTests {
  @Test func conversionsAgreeAndInvertEachOther() {
    var dice = Dice(71)
    for round in 0..<60 {
      let (batch, channels, pixels) = (dice.int(1...2), dice.int(1...50), dice.int(1...70))
      let blockedImage = (channels + 15) / 16 * 16 * pixels
      let p = fovea_layout_params(
        batch: Int32(batch), channels: Int32(channels), pixels: Int64(pixels),
        plain_batch_stride: Int64(channels * pixels + 3), blocked_batch_stride: Int64(blockedImage + 16))
      let plain = Floats(batch * (channels * pixels + 3), &dice)
      expectAgreement("case \(round)", outputs: batch * (blockedImage + 16), tolerance: 0) { isa, output, parts in
        var p = p
        inParts(parts) { fovea_to_blocked(isa, &p, plain.pointer, output.pointer, $0, parts) }
        let back = Floats(plain.count)
        inParts(parts) { fovea_from_blocked(isa, &p, output.pointer, back.pointer, $0, parts) }
        for index in 0..<plain.count where index % (channels * pixels + 3) < channels * pixels {
          if back[index] != plain[index] {
            Issue.record("case \(round): \(index) does not come back")
            return
          }
        }
      }
    }
  }

  @Test func transpositionsAgreeWithTheReference() {
    var dice = Dice(72)
    for _ in 0..<150 {
      var p = fovea_transpose_params()
      let rank = dice.int(0...6)
      p.rank = Int32(rank)
      let extents = (0..<rank).map { _ in Int64(dice.chance(1, of: 40) ? 0 : dice.int(1...(rank < 4 ? 37 : 5))) }
      let order = (0..<rank).map { Int32($0) }.shuffled(using: &dice)
      withUnsafeMutableBytes(of: &p.extents) { $0.copyBytes(from: extents.withUnsafeBytes(Array.init)) }
      withUnsafeMutableBytes(of: &p.permutation) { $0.copyBytes(from: order.withUnsafeBytes(Array.init)) }
      let x = Floats(Int(extents.reduce(1, *)), &dice)
      expectAgreement("\(extents) by \(order)", outputs: x.count, tolerance: 0) { [p] isa, output, parts in
        var p = p
        inParts(parts) { fovea_transpose(isa, &p, x.pointer, output.pointer, $0, parts) }
      }
    }
  }

  @Test func transposesAKnownMatrix() {
    var p = fovea_transpose_params()
    p.rank = 2
    (p.extents.0, p.extents.1, p.permutation.0, p.permutation.1) = (2, 3, 1, 0)
    let (x, y) = (Floats([1, 2, 3, 4, 5, 6]), Floats(6))
    fovea_transpose(FOVEA_SCALAR, &p, x.pointer, y.pointer, 0, 1)
    #expect(y.values == [1, 4, 2, 5, 3, 6])
  }

  @Test func gatheredChannelsAgreeWithTheReference() {
    var dice = Dice(74)
    for round in 0..<60 {
      let (batch, pixels, count) = (dice.int(1...2), dice.int(1...40), dice.int(1...4))
      let extents = (0..<count).map { _ in dice.int(1...40) }
      let inputs = extents.map { Floats(blocked: batch, $0, pixels, &dice) }
      let channels = dice.int(1...70)
      let source = (0..<channels).map { _ in Int32(dice.int(0...count - 1)) }
      let channel = source.map { Int32(dice.int(0...extents[Int($0)] - 1)) }
      let strides = inputs.map { Int64($0.count / batch) }
      let image = (channels + 15) / 16 * 16 * pixels
      let pointers = inputs.map { UnsafePointer<Float>?(UnsafePointer($0.pointer)) }
      expectAgreement("case \(round)", outputs: batch * (image + 16), tolerance: 0) { isa, output, parts in
        source.withUnsafeBufferPointer { source in
          channel.withUnsafeBufferPointer { channel in
            strides.withUnsafeBufferPointer { strides in
              var p = fovea_gather_params(
                batch: Int32(batch), channels: Int32(channels), pixels: Int64(pixels), source: source.baseAddress,
                channel: channel.baseAddress, in_batch_strides: strides.baseAddress,
                out_batch_stride: Int64(image + 16))
              withExtendedLifetime(inputs) {
                inParts(parts) { fovea_gather_channels(isa, &p, pointers, output.pointer, $0, parts) }
              }
            }
          }
        }
      }
    }
  }
}
