#include "CLinux.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>

const unsigned long fovea_vidioc_querycap = VIDIOC_QUERYCAP;
const unsigned long fovea_vidioc_enum_fmt = VIDIOC_ENUM_FMT;
const unsigned long fovea_vidioc_enum_framesizes = VIDIOC_ENUM_FRAMESIZES;
const unsigned long fovea_vidioc_enum_frameintervals = VIDIOC_ENUM_FRAMEINTERVALS;
const unsigned long fovea_vidioc_reqbufs = VIDIOC_REQBUFS;
const unsigned long fovea_vidioc_streamon = VIDIOC_STREAMON;
const unsigned long fovea_vidioc_streamoff = VIDIOC_STREAMOFF;
const unsigned long fovea_vidioc_query_ext_ctrl = VIDIOC_QUERY_EXT_CTRL;

int fovea_ioctl(int fd, unsigned long request, void *argument) {
  int result;
  do result = ioctl(fd, request, argument);
  while (result < 0 && errno == EINTR);
  return result < 0 ? -errno : result;
}

uint32_t fovea_fourcc(const char *letters) {
  uint32_t code = 0;
  for (int i = 0; i < 4 && letters[i]; i++) code |= (uint32_t)(unsigned char)letters[i] << (8 * i);
  return code;
}

// MARK: formats

static void from_kernel(fovea_camera_format *f, const struct v4l2_format *kernel) {
  memset(f, 0, sizeof *f);
  if (V4L2_TYPE_IS_MULTIPLANAR(kernel->type)) {
    const struct v4l2_pix_format_mplane *p = &kernel->fmt.pix_mp;
    f->width = p->width, f->height = p->height, f->fourcc = p->pixelformat, f->field = p->field;
    f->colorspace = p->colorspace, f->encoding = p->ycbcr_enc;
    f->quantization = p->quantization, f->transfer = p->xfer_func;
    f->planes = p->num_planes < VIDEO_MAX_PLANES ? p->num_planes : VIDEO_MAX_PLANES;
    for (uint32_t i = 0; i < f->planes; i++) {
      f->stride[i] = p->plane_fmt[i].bytesperline;
      f->bytes[i] = p->plane_fmt[i].sizeimage;
    }
    return;
  }
  const struct v4l2_pix_format *p = &kernel->fmt.pix;
  f->width = p->width, f->height = p->height, f->fourcc = p->pixelformat, f->field = p->field;
  f->colorspace = p->colorspace;
  // Old drivers leave what follows `priv` unset and do not put the magic number there.
  if (p->priv == V4L2_PIX_FMT_PRIV_MAGIC) {
    f->encoding = p->ycbcr_enc, f->quantization = p->quantization, f->transfer = p->xfer_func;
  }
  f->planes = 1, f->stride[0] = p->bytesperline, f->bytes[0] = p->sizeimage;
}

static void to_kernel(struct v4l2_format *kernel, const fovea_camera_format *f) {
  if (V4L2_TYPE_IS_MULTIPLANAR(kernel->type)) {
    struct v4l2_pix_format_mplane *p = &kernel->fmt.pix_mp;
    p->width = f->width, p->height = f->height, p->pixelformat = f->fourcc, p->field = f->field;
    p->colorspace = f->colorspace, p->ycbcr_enc = (__u8)f->encoding;
    p->quantization = (__u8)f->quantization, p->xfer_func = (__u8)f->transfer;
    return;
  }
  struct v4l2_pix_format *p = &kernel->fmt.pix;
  p->width = f->width, p->height = f->height, p->pixelformat = f->fourcc, p->field = f->field;
  p->priv = V4L2_PIX_FMT_PRIV_MAGIC;
  p->colorspace = f->colorspace, p->ycbcr_enc = f->encoding;
  p->quantization = f->quantization, p->xfer_func = f->transfer;
}

int fovea_camera_set_format(int fd, uint32_t type, fovea_camera_format *format, int tries) {
  struct v4l2_format kernel = {.type = type};
  to_kernel(&kernel, format);
  int result = fovea_ioctl(fd, tries ? VIDIOC_TRY_FMT : VIDIOC_S_FMT, &kernel);
  if (result >= 0) from_kernel(format, &kernel);
  return result;
}

// MARK: rates

// `output` and `capture` begin alike: capability, mode, time per frame.
int fovea_camera_get_interval(int fd, uint32_t type, struct v4l2_fract *interval) {
  struct v4l2_streamparm parm = {.type = type};
  int result = fovea_ioctl(fd, VIDIOC_G_PARM, &parm);
  if (result >= 0) *interval = parm.parm.capture.timeperframe;
  return result;
}

int fovea_camera_set_interval(int fd, uint32_t type, struct v4l2_fract *interval) {
  struct v4l2_streamparm parm = {.type = type};
  parm.parm.capture.timeperframe = *interval;
  int result = fovea_ioctl(fd, VIDIOC_S_PARM, &parm);
  if (result >= 0) *interval = parm.parm.capture.timeperframe;
  return result;
}

// MARK: buffers

int fovea_camera_query_buffer(int fd, uint32_t type, fovea_camera_buffer *buffer) {
  struct v4l2_plane planes[VIDEO_MAX_PLANES] = {0};
  struct v4l2_buffer kernel = {.type = type, .memory = V4L2_MEMORY_MMAP, .index = buffer->index};
  int multi = V4L2_TYPE_IS_MULTIPLANAR(type);
  if (multi) kernel.m.planes = planes, kernel.length = VIDEO_MAX_PLANES;
  int result = fovea_ioctl(fd, VIDIOC_QUERYBUF, &kernel);
  if (result < 0) return result;
  if (!multi) {
    buffer->planes = 1, buffer->offset[0] = kernel.m.offset, buffer->length[0] = kernel.length;
    return result;
  }
  buffer->planes = kernel.length < VIDEO_MAX_PLANES ? kernel.length : VIDEO_MAX_PLANES;
  for (uint32_t i = 0; i < buffer->planes; i++) {
    buffer->offset[i] = planes[i].m.mem_offset, buffer->length[i] = planes[i].length;
  }
  return result;
}

int fovea_camera_queue(int fd, uint32_t type, const fovea_camera_buffer *buffer) {
  struct v4l2_plane planes[VIDEO_MAX_PLANES] = {0};
  struct v4l2_buffer kernel = {
      .type = type, .memory = V4L2_MEMORY_MMAP, .index = buffer->index, .field = buffer->field};
  kernel.timestamp.tv_sec = buffer->timestamp / 1000000000;
  kernel.timestamp.tv_usec = buffer->timestamp % 1000000000 / 1000;
  if (V4L2_TYPE_IS_MULTIPLANAR(type)) {
    for (uint32_t i = 0; i < buffer->planes && i < VIDEO_MAX_PLANES; i++) {
      planes[i].bytesused = buffer->used[i], planes[i].length = buffer->length[i];
    }
    kernel.m.planes = planes, kernel.length = buffer->planes;
  } else {
    kernel.bytesused = buffer->used[0], kernel.length = buffer->length[0];
  }
  return fovea_ioctl(fd, VIDIOC_QBUF, &kernel);
}

int fovea_camera_dequeue(int fd, uint32_t type, uint32_t planes, fovea_camera_buffer *buffer) {
  struct v4l2_plane plane[VIDEO_MAX_PLANES] = {0};
  struct v4l2_buffer kernel = {.type = type, .memory = V4L2_MEMORY_MMAP};
  int multi = V4L2_TYPE_IS_MULTIPLANAR(type);
  if (multi) kernel.m.planes = plane, kernel.length = planes;
  int result = fovea_ioctl(fd, VIDIOC_DQBUF, &kernel);
  if (result < 0) return result;
  buffer->index = kernel.index, buffer->flags = kernel.flags, buffer->field = kernel.field;
  buffer->sequence = kernel.sequence, buffer->planes = planes;
  buffer->timestamp = (int64_t)kernel.timestamp.tv_sec * 1000000000 + (int64_t)kernel.timestamp.tv_usec * 1000;
  for (uint32_t i = 0; i < planes && i < VIDEO_MAX_PLANES; i++) {
    buffer->used[i] = multi ? plane[i].bytesused : kernel.bytesused;
    buffer->start[i] = multi ? plane[i].data_offset : 0;
  }
  return result;
}

int fovea_camera_wait(int fd, int output, int milliseconds) {
  struct pollfd wanted = {.fd = fd, .events = output ? POLLOUT : POLLIN};
  int result = poll(&wanted, 1, milliseconds);
  if (result < 0) return errno == EINTR ? 0 : -errno;
  if (result == 0) return 0;
  if (wanted.revents & wanted.events) return 1;
  return wanted.revents & (POLLHUP | POLLNVAL) ? -ENODEV : -EIO;
}

// MARK: controls

static int control(int fd, unsigned long request, struct v4l2_ext_control *one) {
  struct v4l2_ext_controls all = {.which = V4L2_CTRL_WHICH_CUR_VAL, .count = 1, .controls = one};
  return fovea_ioctl(fd, request, &all);
}

int fovea_camera_get_control(int fd, uint32_t id, int wide, int64_t *value) {
  struct v4l2_ext_control one = {.id = id};
  int result = control(fd, VIDIOC_G_EXT_CTRLS, &one);
  if (result >= 0) *value = wide ? one.value64 : one.value;
  return result;
}

int fovea_camera_set_control(int fd, uint32_t id, int wide, int64_t value) {
  struct v4l2_ext_control one = {.id = id};
  if (wide) one.value64 = value;
  else one.value = (int32_t)value;
  return control(fd, VIDIOC_S_EXT_CTRLS, &one);
}

int fovea_camera_menu_item(int fd, uint32_t id, uint32_t index, char name[33], int64_t *value) {
  struct v4l2_querymenu item = {.id = id, .index = index};
  int result = fovea_ioctl(fd, VIDIOC_QUERYMENU, &item);
  if (result < 0) return result;
  memcpy(name, item.name, 32);
  name[32] = 0;
  *value = item.value;
  return result;
}
