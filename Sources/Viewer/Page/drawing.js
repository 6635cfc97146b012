// What several panels draw in the same way.

/** Shows a picture on a canvas of its size. */
export function paint(canvas, bitmap) {
  if (canvas.width !== bitmap.width || canvas.height !== bitmap.height) [canvas.width, canvas.height] = [bitmap.width, bitmap.height];
  canvas.getContext("2d", { alpha: false }).drawImage(bitmap, 0, 0);
}

/** Counts as bars. Zeros would hide all else: the root keeps small counts visible. */
export function drawHistogram(canvas, counts) {
  const context = canvas.getContext("2d");
  const highest = Math.sqrt(Math.max(1, ...counts));
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = getComputedStyle(canvas).getPropertyValue("--bar");
  const width = canvas.width / counts.length;
  counts.forEach((value, index) => {
    const tall = Math.sqrt(value) / highest * canvas.height;
    context.fillRect(index * width, canvas.height - tall, width - 1, tall);
  });
}
