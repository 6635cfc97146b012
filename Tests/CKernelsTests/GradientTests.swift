import CKernels
import Testing

/// The kernels of backward passes against the scalar reference, over odd sizes and all numbers of parts.
@Suite struct GradientTests {
  @Test(arguments: vectorISAs) func slopes(isa: fovea_isa) {
    var dice = Dice(1)
    for kind in 0..<18 {
      for (channels, pixels) in [(16, 9), (19, 5), (3, 40)] {
        let blocks = (channels + 15) / 16
        var p = fovea_slope_params()
        p.extent = fovea_extent(batch: 2, channels: Int64(channels), pixels: Int64(pixels), blocked: 1)
        p.slope = fovea_slope(kind: fovea_slope_kind(UInt32(kind)), a: 0.5, b: 1.5, c: 2)
        let isPositive = kind == 6 || kind == 7 || kind == 15
        let v = Floats(blocked: 2, channels, pixels, &dice, in: isPositive ? 0.2...4 : -4...4)
        for isSpread in [false, true] {
          p.broadcast = isSpread ? FOVEA_CHANNEL_BATCH : FOVEA_SAME
          let g = Floats(blocked: 2, channels, isSpread ? 1 : pixels, &dice)
          let want = Floats(v.count)
          fovea_slope_product(FOVEA_SCALAR, &p, g.pointer, v.pointer, want.pointer, 0, 1)
          for parts in 1...3 {
            let got = Floats(2 * blocks * pixels * 16, fill: .nan)
            for part in 0..<parts {
              fovea_slope_product(isa, &p, g.pointer, v.pointer, got.pointer, Int32(part), Int32(parts))
            }
            #expect(difference(got, want) <= 2e-5, "slope \(kind), \(channels) channels, \(parts) parts")
          }
        }
      }
    }
  }

  @Test(arguments: vectorISAs) func pools(isa: fovea_isa) {
    var dice = Dice(2)
    for round in 0..<200 {
      var q = fovea_pool_gradient_params()
      (q.gate_low, q.gate_high) = dice.chance(1, of: 2) ? (-.infinity, .infinity) : (0, 0.8)
      q.pool.kind = dice.chance(1, of: 2) ? FOVEA_POOL_MAX : FOVEA_POOL_AVERAGE
      q.pool.count_include_pad = dice.int32(0...1)
      (q.pool.batch, q.pool.channels) = (dice.int32(1...2), dice.int32(1...35))
      let rows = Axis(&dice), columns = Axis(&dice)
      (q.pool.in_height, q.pool.out_height) = (rows.input, rows.output)
      (q.pool.in_width, q.pool.out_width) = (columns.input, columns.output)
      (q.pool.kernel_height, q.pool.stride_height, q.pool.dilation_height) = (rows.kernel, rows.stride, rows.dilation)
      (q.pool.kernel_width, q.pool.stride_width, q.pool.dilation_width) = (
        columns.kernel, columns.stride, columns.dilation
      )
      (q.pool.pad_top, q.pool.pad_bottom) = (rows.before, rows.after)
      (q.pool.pad_left, q.pool.pad_right) = (columns.before, columns.after)
      let blocks = (Int(q.pool.channels) + 15) / 16
      let (inside, outside) = (Int(rows.input * columns.input), Int(rows.output * columns.output))
      (q.pool.in_batch_stride, q.pool.out_batch_stride) = (Int64(blocks * inside * 16), Int64(blocks * outside * 16))
      let (batch, channels) = (Int(q.pool.batch), Int(q.pool.channels))
      let x = Floats(blocked: batch, channels, inside, &dice)
      // Ties, too.
      for index in 0..<x.count { x[index] = (x[index] * 4).rounded() / 4 }
      let (y, g) = (Floats(batch * blocks * outside * 16), Floats(blocked: batch, channels, outside, &dice))
      fovea_pool(FOVEA_SCALAR, &q.pool, x.pointer, y.pointer, 0, 1)
      let want = Floats(x.count)
      fovea_pool_gradient(FOVEA_SCALAR, &q, g.pointer, x.pointer, y.pointer, want.pointer, nil, 0, 1)
      for parts in 1...3 {
        let got = Floats(x.count, fill: .nan)
        let scratch = Floats(fovea_pool_gradient_scratch_size(isa, &q, Int32(parts)) / 4)
        for part in 0..<parts {
          fovea_pool_gradient(
            isa, &q, g.pointer, x.pointer, y.pointer, got.pointer, scratch.pointer, Int32(part), Int32(parts))
        }
        #expect(difference(got, want) <= 1e-6, "round \(round), \(parts) parts: \(q)")
      }
    }
  }

  /// A window along one axis, never wholly outside.
  private struct Axis {
    var kernel, stride, dilation, input, output, before, after: Int32

    init(_ dice: inout Dice) {
      let size = dice.int(1...4)
      (kernel, stride, dilation) = (Int32(size), dice.int32(1...3), dice.chance(1, of: 4) ? 2 : 1)
      let span = (kernel - 1) * dilation + 1
      (before, after) = (dice.int32(0...(size - 1) / 2), dice.int32(0...(size - 1) / 2))
      input = max(1, span - before - after) + dice.int32(0...12)
      output = (input + before + after - span) / stride + 1
    }
  }

  @Test(arguments: vectorISAs) func adjointsOfFullyConnectedLayers(isa: fovea_isa) {
    var dice = Dice(3)
    for form in [FOVEA_WEIGHTS_ROWS, FOVEA_WEIGHTS_20_BITS, FOVEA_WEIGHTS_FP16] {
      for (inputs, outputs) in [(128, 7), (300, 33), (5, 1), (512, 64)] {
        var p = fovea_linear_params()
        (p.rows, p.in_features, p.out_features, p.weights) = (1, Int32(inputs), Int32(outputs), form)
        let w = Floats(inputs * outputs, &dice)
        let g = Floats(outputs, &dice)
        for n in 0..<outputs where dice.chance(1, of: 2) { g[n] = 0 }
        let packed = (Floats(fovea_linear_weights_size(FOVEA_SCALAR, &p)), Floats(fovea_linear_weights_size(isa, &p)))
        _ = fovea_linear_pack(FOVEA_SCALAR, &p, w.pointer, Int64(inputs), 1, 1, packed.0.pointer)
        _ = fovea_linear_pack(isa, &p, w.pointer, Int64(inputs), 1, 1, packed.1.pointer)
        let want = Floats(inputs)
        fovea_linear_adjoint(FOVEA_SCALAR, &p, g.pointer, packed.0.pointer, want.pointer, 0, 1)
        for parts in 1...3 {
          let got = Floats(inputs, fill: .nan)
          for part in 0..<parts {
            fovea_linear_adjoint(isa, &p, g.pointer, packed.1.pointer, got.pointer, Int32(part), Int32(parts))
          }
          #expect(difference(got, want) <= 1e-5, "form \(form.rawValue), \(outputs)x\(inputs), \(parts) parts")
        }
      }
    }
  }

  /// The largest difference by the largest magnitude; infinite where one is no number.
  private func difference(_ a: Floats, _ b: Floats) -> Float {
    var (largest, size) = (Float(0), Float(1e-20))
    for index in 0..<b.count {
      let distance = abs(a[index] - b[index])
      largest = distance.isNaN ? .infinity : max(largest, distance)
      size = max(size, abs(b[index]))
    }
    return largest / size
  }
}
